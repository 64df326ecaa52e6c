#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "messages/capacity.hpp"
#include "messages/error.hpp"

/// The node's settings: one struct per part, each with defaults and units.
namespace provision::config {

/// What happens to a document whose customer signature does not match.
enum class signature_policy : std::uint8_t {
  /// Quarantined, answered with an error result.
  enforce,
  /// Logged and taken. The original explorer rewrites the epoch after the
  /// customer signed, so its documents cannot match.
  warn,
  /// Not looked at.
  off,
};

struct node_settings {
  /// Folder of everything the node keeps: store, key, volumes.
  std::string data_dir = "/var/lib/provisiond";
  /// Key file; empty: "<data_dir>/identity.key".
  std::string identity_file = {};
};

struct explorer_settings {
  /// Base URL; empty: no explorer, only other sources.
  std::string url = {};
  /// From the start of a poll to the start of the next when nothing is new.
  std::chrono::milliseconds poll_interval{10000};
  /// Deadline of one request.
  std::chrono::milliseconds request_timeout{30000};
  /// Kept-alive connections.
  std::size_t connections = 8;
  /// Who answers within this time gets several results at a time over one
  /// connection; 0: nobody.
  std::chrono::milliseconds quick_answer{1};
  /// Largest answer accepted, bytes.
  std::size_t response_bytes_max = 64U << 20U;
  /// Results in flight at once.
  std::size_t reports_in_flight = 16;
  /// First and longest pause between two tries while the explorer is away.
  std::chrono::milliseconds retry_delay{500};
  std::chrono::milliseconds retry_delay_max{15000};
  /// Ask for the whole history again this often; 0: only on demand.
  std::chrono::seconds reconcile_interval{0};
  signature_policy signatures = signature_policy::warn;
  /// CA bundle for https; empty: the system's.
  std::string ca_file = {};
};

struct replay_settings {
  /// JSONL file with reservations, "-" for standard input; empty: none.
  std::string file = {};
  signature_policy signatures = signature_policy::enforce;
};

struct record_settings {
  /// File that gets what the node receives and answers; empty: none.
  std::string file = {};
};

/// What the node lends out at most; 0 means: what the host has.
struct capacity_settings {
  std::uint64_t cru = 0;
  /// GiB.
  std::uint64_t mru = 0;
  std::uint64_t hru = 0;
  std::uint64_t sru = 0;
  /// GiB of memory kept for the system.
  std::uint64_t reserved_memory = 2;
};

/// When the wall clock is believed.
/// What becomes of the time that the explorer's answers bear.
enum class second_opinion : std::uint8_t { heed, off };

struct clock_settings {
  /// Further from where it should be, the clock has jumped. Servers that set
  /// clocks step by more than 128 ms at once; a minute is nobody's drift.
  std::chrono::milliseconds jump_max{60000};
  /// Believed again once it ran evenly for this long.
  std::chrono::milliseconds settling_time{3600000};
  /// After a start, further ahead of the time seen last than a node is off.
  std::chrono::milliseconds offline_max{std::chrono::hours{24 * 30}};
  /// Whether nothing expires while the explorer's clock differs by more than
  /// jump_max.
  second_opinion explorer_date = second_opinion::heed;
};

/// Deadlines of one type's calls; 0: as every other type.
struct call_deadlines {
  std::chrono::milliseconds provision{0};
  std::chrono::milliseconds decommission{0};
};

struct engine_settings {
  /// Reservations on their way in memory at most.
  std::size_t queue_max = 1024;
  /// Deadline of one provision or decommission call of a type that has none
  /// of its own in `deadlines`.
  std::chrono::milliseconds provision_timeout{300000};
  /// By type. Only what downloads an image needs longer than the rest: 15 min
  /// are 1 GiB at 10 Mbit/s.
  std::map<std::string, call_deadlines, std::less<>> deadlines
    = {{"container", {.provision = std::chrono::minutes{15}}},
       {"kubernetes", {.provision = std::chrono::minutes{15}}}};
  /// Deadline of a probe. It does no work: one that takes this long hangs.
  std::chrono::milliseconds probe_timeout{10000};
  /// Second and longest pause before a type that does not serve is probed; the
  /// first probe comes at once.
  std::chrono::milliseconds probe_delay{1000};
  std::chrono::milliseconds probe_delay_max{300000};
  /// A provisioner is replaced this often within the window at most.
  std::size_t restarts_max = 5;
  std::chrono::milliseconds restart_window{600000};
  /// So many reservations in a row that meet infrastructure errors suspend
  /// their type.
  std::size_t infrastructure_errors_max = 3;
  /// Tries beyond the first of a reservation that meets errors which may
  /// pass, and the first and longest pause between them.
  std::uint32_t retries_max = 5;
  std::chrono::milliseconds retry_delay{1000};
  std::chrono::milliseconds retry_delay_max{300000};
  /// Outcomes that share one sync at most.
  std::size_t group_max = 256;
  /// First and longest pause before a failed removal is tried again.
  std::chrono::milliseconds removal_retry_delay{1000};
  std::chrono::milliseconds removal_retry_delay_max{300000};
  /// A reservation in flight at this many consecutive daemon deaths is
  /// quarantined.
  std::uint32_t deaths_max = 3;
  /// More ordered deletions than this within the window wait until an operator
  /// confirms them; 0: never. A node has tens of workloads, rarely hundreds.
  std::size_t deletions_max = 250;
  /// So do more than this share of what the node runs, percent; 0: never. A
  /// tenant with a few workloads may remove them all at once, so the first
  /// `deletions_free` within the window are let through whatever their share.
  std::size_t deletions_share = 50;
  std::size_t deletions_free = 20;
  std::chrono::milliseconds deletions_window{600000};
};

struct volume_settings {
  /// "auto", "btrfs", "ext4-image" or "directory".
  std::string technique = "auto";
  /// Folder of the pool; empty: "<data_dir>/volumes".
  std::string pool = {};
  /// Size of the pool image that "btrfs" makes when the folder is not on
  /// btrfs already, GiB; 0: what fits half the free space.
  std::uint64_t pool_image_size = 0;
  /// Kind of the disk that the pool is on: "auto", "hdd" or "ssd".
  std::string disk = "auto";
};

/// How much of its decisions the node remembers.
struct journal_settings {
  std::uint64_t rows_max = 100'000;
  /// From the newest line; 0: age does not matter.
  std::chrono::seconds age_max{0};
};

/// Who may ask the node, and where.
struct api_settings {
  /// Path of the unix socket; empty: "<data_dir>/api.sock".
  std::string socket = {};
  /// Groups whose members may ask, and ask and order; empty: nobody but root
  /// and the daemon's own user.
  std::string reader_group = {};
  std::string admin_group = {};
};

struct network_settings {
  /// Network namespace whose addresses the tunnels use, as `ip netns` names
  /// it; empty: the daemon's own.
  std::string underlay = {};
};

/// Where machines get public addresses.
struct public_settings {
  /// A bridge of the host whose port the uplink is; empty: no public addresses.
  std::string bridge = {};
  /// The machines' way out, IPv4.
  std::string gateway = {};
  /// Network of which machines may use IPv6 addresses, "2001:db8:1:2::/64";
  /// empty: any that their card gives itself.
  std::string ipv6_network = {};
};

/// What becomes of things on the host that no reservation wants.
struct janitor_settings {
  /// Between two looks.
  std::chrono::seconds interval{600};
  /// How long one must have been seen before it is removed.
  std::chrono::seconds quarantine{24 * 3600};
  /// Whether what an order or an end has made go is removed at all.
  bool remove = false;
};

struct container_settings {
  /// Folder of the operator's own images; empty: "<data_dir>/images/own".
  std::string image_folder = {};
  /// Credentials for registries, as `skopeo login --authfile` writes them;
  /// empty: none.
  std::string registry_auth_file = {};
  /// What one image may take on the disk while it is fetched and unpacked, and
  /// what all unpacked images may, GiB.
  std::uint64_t image_size_max = 16;
  std::uint64_t images_size_max = 64;
};

struct machine_settings {
  /// Folder of the image that machines boot; empty: no machines.
  std::string image_folder = {};
};

struct zdb_settings {
  /// The 0-db server's program; empty: "zdb" among the host's.
  std::string server = {};
  /// Numeric address and first port; empty: no namespaces.
  std::string listen = {};
};

/// What the node offers as a gateway between the public network and its users.
struct gateway_settings {
  /// The program nginx; empty: "nginx" among the host's.
  std::string nginx = {};
  /// Where requests come in that are told apart by their Host header, and TLS
  /// connections that are by the server's name; empty: none do.
  std::string http_listen = {};
  std::string tls_listen = {};
  /// Folder of the zone files that a DNS server of the host reads; empty: this
  /// node keeps no zones.
  std::string zone_folder = {};
  /// Names of the DNS servers that serve the zones, the primary first.
  std::vector<std::string> name_servers = {};
  /// Zones of the node's own, in which users may have names.
  std::vector<std::string> domains = {};
  /// Program and arguments that make the DNS server read the zones again;
  /// empty: it does so by itself.
  std::vector<std::string> zone_reload = {};
  /// A bridge of the host beside which clients get into the IPv6 internet;
  /// empty: none do. The router's own address there, and its way out.
  std::string ipv6_bridge = {};
  std::string ipv6_address = {};
  std::string ipv6_router = {};
  /// Of which clients get addresses, /64; and where they call.
  std::string ipv6_network = {};
  std::string ipv6_endpoint = {};
};

/// Types that a worker process of this host can serve.
inline constexpr std::array<std::string_view, 12> isolatable_types{
  "volume",        "zdb",        "network",         "network_resource",
  "container",     "kubernetes", "public_ip",       "proxy",
  "reverse_proxy", "subdomain",  "domain_delegate", "gateway4to6"};

/// Why no worker process serves a type, with the remedy; empty if one can.
std::string why_not_isolated(std::string_view type);

struct provisioner_settings {
  /// Types whose provisioner runs in a worker process of its own.
  std::vector<std::string> isolate = {};
};

/// Workers on other hosts, as their daemon and as their own host see them.
struct worker_settings {
  /// Worker that serves volumes, and one that serves namespaces; empty: none.
  std::string volume = {};
  std::string zdb = {};
  /// Where a worker waits for its daemon; empty: the daemon starts it.
  std::string listen = {};
  /// Name that the daemon's certificate bears.
  std::string daemon = {};
  std::string certificate = {};
  std::string key = {};
  std::string authority = {};
};

enum class log_level : std::uint8_t { debug, info, warning, error, off };
enum class log_format : std::uint8_t { text, json };

/// Who may be let in to the metrics.
enum class metrics_reach : std::uint8_t {
  /// Programs of this host.
  loopback,
  anywhere,
};

struct metrics_settings {
  /// Address and port; empty: only at the local API's socket.
  std::string listen = {};
  metrics_reach reach = metrics_reach::loopback;
};

struct dashboard_settings {
  /// Loopback address and port; empty: only at the local API's socket.
  std::string listen = {};
  /// A further name that browsers may call the node by; empty: none.
  std::string host = {};
};

struct log_settings {
  log_level level = log_level::info;
  log_format format = log_format::text;
};

struct node_config {
  node_settings node = {};
  explorer_settings explorer = {};
  replay_settings replay = {};
  record_settings record = {};
  capacity_settings capacity = {};
  engine_settings engine = {};
  clock_settings clock = {};
  journal_settings journal = {};
  volume_settings volumes = {};
  api_settings api = {};
  network_settings networks = {};
  public_settings public_addresses = {};
  janitor_settings janitor = {};
  container_settings containers = {};
  machine_settings machines = {};
  zdb_settings zdb = {};
  gateway_settings gateway = {};
  provisioner_settings provisioners = {};
  worker_settings workers = {};
  metrics_settings metrics = {};
  dashboard_settings dashboard = {};
  log_settings log = {};
};

/// Reads TOML text. errc::invalid_configuration names line, column and key;
/// an unknown key is refused with the nearest known one ("did you mean").
expected<node_config> parse(std::string_view toml, std::string_view name);

/// parse() of a file's contents.
expected<node_config> load(const std::string& path);

/// The settings as TOML that parse() reads back, every key without comment.
std::string write(const node_config& settings);

/// The first broken rule, or nothing.
error validate(const node_config& settings);

/// The part of it that concerns workers and each key for itself: all that
/// `provisiond worker` needs.
error validate_workers(const node_config& settings);

/// One key of the configuration, for documentation and messages.
struct key_description {
  /// "explorer.poll_interval".
  std::string key = {};
  /// "duration", "bytes", "text", ...
  std::string unit = {};
  std::string default_value = {};
  std::string text = {};
  /// What may be written: "10ms to 24h", "one of \"text\", \"json\"".
  std::string allowed = {};
  /// A running daemon takes a change over; else its next start does.
  bool is_live = false;
};

/// Every key there is, in order of appearance.
const std::vector<key_description>& describe();

/// A commented configuration file with every key at its default.
std::string example();

} // namespace provision::config
