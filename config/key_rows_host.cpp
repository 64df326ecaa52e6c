#include "config/key_row_of.hpp"
#include "config/key_rows.hpp"

namespace provision::config {

namespace {

void add_volume_rows(std::vector<key_row>& rows) {
  constexpr auto section = &node_config::volumes;
  using settings = volume_settings;
  const choice_form<std::string> techniques{{{"auto", "auto"},
                                             {"btrfs", "btrfs"},
                                             {"ext4-image", "ext4-image"},
                                             {"directory", "directory"}}};
  rows.push_back(row("volumes.technique", section, &settings::technique,
                     techniques,
                     "How volumes are made: btrfs subvolumes with quota, one "
                     "ext4 image per volume, or plain folders without an "
                     "enforced limit. auto: the best that the host allows."));
  rows.push_back(row("volumes.pool", section, &settings::pool,
                     text_form{path_rule::absolute_path_or_empty},
                     "Folder of the pool. Empty: volumes in the data "
                     "folder."));
  rows.push_back(row("volumes.pool_image_size", section,
                     &settings::pool_image_size, size_form{0, gib_max, gib},
                     "Size of the pool image that btrfs makes when the folder "
                     "is not on btrfs already. 0GiB: what fits half the free "
                     "space."));
  rows.push_back(
    row("volumes.disk", section, &settings::disk,
        choice_form<std::string>{
          {{"auto", "auto"}, {"hdd", "hdd"}, {"ssd", "ssd"}}},
        "Kind of the disk that the pool is on: what it lends out counts as "
        "rotating (HRU) or solid-state disk (SRU). auto: the kernel's word, "
        "which a virtual disk that calls itself rotating does not have; "
        "ssd where it has none."));
}

void add_network_rows(std::vector<key_row>& rows) {
  constexpr auto section = &node_config::networks;
  rows.push_back(row("networks.underlay", section, &network_settings::underlay,
                     text_form{path_rule::name_or_empty},
                     "Network namespace, as ip netns names it, whose addresses "
                     "the tunnels between nodes use. Empty: the daemon's "
                     "own."));
}

void add_public_rows(std::vector<key_row>& rows) {
  constexpr auto section = &node_config::public_addresses;
  using settings = public_settings;
  rows.push_back(row("public.bridge", section, &settings::bridge,
                     text_form{path_rule::name_or_empty},
                     "Bridge of this host, in networks.underlay, of which the "
                     "uplink to the public network is a port. Empty: this node "
                     "has no public addresses for machines."));
  rows.push_back(row("public.gateway", section, &settings::gateway,
                     text_form{path_rule::ipv4_address},
                     "IPv4 address by which machines leave the public "
                     "network."));
  rows.push_back(row("public.ipv6_network", section, &settings::ipv6_network,
                     text_form{path_rule::ipv6_network},
                     "Network whose IPv6 addresses machines may use. Empty: "
                     "any; the last 64 bits are those of their card in either "
                     "case."));
}

void add_janitor_rows(std::vector<key_row>& rows) {
  constexpr auto section = &node_config::janitor;
  using settings = janitor_settings;
  rows.push_back(row("janitor.interval", section, &settings::interval,
                     duration_form{1s, 24h, 1s},
                     "How often the host is searched for what no reservation "
                     "wants."));
  rows.push_back(row("janitor.quarantine", section, &settings::quarantine,
                     duration_form{0s, 8760h, 1s},
                     "How long an orphan must have been seen by this process "
                     "before it is removed."));
  rows.push_back(row("janitor.remove", section, &settings::remove,
                     choice_form<bool>{{{false, "off"}, {true, "on"}}},
                     "Whether orphans are removed by themselves: only those "
                     "whose reservation was deleted by an order or is over. "
                     "off: they are reported."));
}

void add_container_rows(std::vector<key_row>& rows) {
  rows.push_back(row("containers.image_folder", &node_config::containers,
                     &container_settings::image_folder,
                     text_form{path_rule::absolute_path_or_empty},
                     "Folder of the operator's own images, which reservations "
                     "name as oci:<name>:<tag>, oci-archive:<file> or "
                     "docker-archive:<file>. Empty: images/own in the data "
                     "folder."));
  rows.push_back(row("containers.registry_auth_file", &node_config::containers,
                     &container_settings::registry_auth_file,
                     text_form{path_rule::absolute_path_or_empty},
                     "Credentials for registries, as `skopeo login --authfile` "
                     "writes them; mode 0600. Every reservation may name what "
                     "they open. Empty: registries are asked without."));
  rows.push_back(row("containers.image_size_max", &node_config::containers,
                     &container_settings::image_size_max,
                     size_form{1, gib_max, gib},
                     "What one image may take on the disk while it is fetched "
                     "and unpacked; a larger one is refused."));
  rows.push_back(row("containers.images_size_max", &node_config::containers,
                     &container_settings::images_size_max,
                     size_form{1, gib_max, gib},
                     "What all unpacked images may take. Those that no "
                     "container uses make room for others, the one that was "
                     "asked for longest ago first."));
}

void add_machine_rows(std::vector<key_row>& rows) {
  rows.push_back(row("machines.image_folder", &node_config::machines,
                     &machine_settings::image_folder,
                     text_form{path_rule::absolute_path_or_empty},
                     "Folder of the image that machines of type kubernetes "
                     "boot: kernel, and if they are there initrd, disk and "
                     "command_line. Empty: this node runs no machines."));
}

void add_zdb_rows(std::vector<key_row>& rows) {
  constexpr auto section = &node_config::zdb;
  using settings = zdb_settings;
  rows.push_back(row("zdb.server", section, &settings::server,
                     text_form{path_rule::absolute_path_or_empty},
                     "Program of the 0-db server that holds namespaces. Empty: "
                     "zdb in /usr/sbin, /usr/bin, /sbin or /bin."));
  rows.push_back(
    row("zdb.listen", section, &settings::listen,
        text_form{path_rule::listen_address},
        "Where namespaces are served, as their owners are told, "
        "like 192.0.2.1:9900: those of mode user at this port, "
        "those of mode seq at the next. Empty: this node serves no "
        "namespaces."));
}

void add_ipv6_rows(std::vector<key_row>& rows) {
  constexpr auto section = &node_config::gateway;
  using settings = gateway_settings;
  rows.push_back(row("gateway.ipv6_bridge", section, &settings::ipv6_bridge,
                     text_form{path_rule::name_or_empty},
                     "Bridge of this host, in networks.underlay, of which the "
                     "uplink to the IPv6 internet is a port; reservations of "
                     "type gateway4to6 get there. Empty: none do."));
  rows.push_back(row("gateway.ipv6_address", section, &settings::ipv6_address,
                     text_form{path_rule::ipv6_range},
                     "Address on that bridge of the router that passes clients "
                     "on, like 2001:db8:1:2::5/64. Nobody else may have it."));
  rows.push_back(row("gateway.ipv6_router", section, &settings::ipv6_router,
                     text_form{path_rule::ipv6_address},
                     "Address on that bridge by which packets leave for the "
                     "IPv6 internet."));
  rows.push_back(row("gateway.ipv6_network", section, &settings::ipv6_network,
                     text_form{path_rule::ipv6_network},
                     "Network of which clients get addresses. Either the one "
                     "of gateway.ipv6_address, or one that is routed to that "
                     "address."));
  rows.push_back(row("gateway.ipv6_endpoint", section, &settings::ipv6_endpoint,
                     text_form{path_rule::listen_address},
                     "Address and UDP port where clients call, as they are "
                     "told, like 192.0.2.1:51820; the port must be free in "
                     "networks.underlay."));
}

void add_gateway_rows(std::vector<key_row>& rows) {
  constexpr auto section = &node_config::gateway;
  using settings = gateway_settings;
  rows.push_back(row("gateway.nginx", section, &settings::nginx,
                     text_form{path_rule::absolute_path_or_empty},
                     "Program of the nginx that passes on what comes in for "
                     "reservations of type proxy and reverse_proxy. Empty: "
                     "nginx in /usr/sbin, /usr/bin, /sbin or /bin."));
  rows.push_back(row("gateway.http_listen", section, &settings::http_listen,
                     text_form{path_rule::listen_address},
                     "Where requests come in that are passed on by their Host "
                     "header, like 0.0.0.0:80; clients of reverse proxies dial "
                     "in at port 18000 of this address, or else of the next "
                     "one. Empty: none are."));
  rows.push_back(row("gateway.tls_listen", section, &settings::tls_listen,
                     text_form{path_rule::listen_address},
                     "Where TLS connections come in that are passed on, "
                     "unopened, by the name of the server that they ask for, "
                     "like 0.0.0.0:443. Empty: none are."));
  rows.push_back(row("gateway.zone_folder", section, &settings::zone_folder,
                     text_form{path_rule::absolute_path_or_empty},
                     "Folder for the zone files of domains that are delegated "
                     "to this node; a DNS server of this host reads them. "
                     "Empty: this node takes no domains."));
  rows.push_back(row("gateway.name_servers", section, &settings::name_servers,
                     domains_form{},
                     "Names of the DNS servers that serve these zones, the "
                     "primary first, as users enter them where they delegate "
                     "their domain."));
  rows.push_back(row("gateway.domains", section, &settings::domains,
                     domains_form{},
                     "Domains of the operator's in which every user may have "
                     "names; their zones are kept in the same folder."));
  rows.push_back(row("gateway.zone_reload", section, &settings::zone_reload,
                     command_form{},
                     "Program and arguments that make the DNS server read the "
                     "zones again, like [\"/usr/sbin/nsd-control\", "
                     "\"reconfig\"]. Empty: nobody is told."));
  add_ipv6_rows(rows);
}

void add_provisioner_rows(std::vector<key_row>& rows) {
  rows.push_back(
    row("provisioners.isolate", &node_config::provisioners,
        &provisioner_settings::isolate,
        words_form{{isolatable_types.begin(), isolatable_types.end()},
                   [](std::string_view word) {
                     // The others are among what is allowed.
                     return word == "debug" ? why_not_isolated(word)
                                            : std::string{};
                   }},
        "Types whose provisioner runs in a worker process of its "
        "own: if it crashes or hangs there, it takes down the "
        "workload at hand and nothing else, and is killed at its "
        "deadline."));
}

void add_worker_rows(std::vector<key_row>& rows) {
  constexpr auto section = &node_config::workers;
  using settings = worker_settings;
  rows.push_back(row("workers.volume", section, &settings::volume,
                     text_form{path_rule::host_and_port},
                     "Worker on another host that serves volumes, like "
                     "storage-1.example:7443; its certificate has to bear that "
                     "name. Empty: volumes are made on this host."));
  rows.push_back(row("workers.zdb", section, &settings::zdb,
                     text_form{path_rule::host_and_port},
                     "The same for 0-db namespaces: they are served at the "
                     "zdb.listen of that host's configuration. Empty: by "
                     "this host."));
  rows.push_back(row("workers.listen", section, &settings::listen,
                     text_form{path_rule::listen_address},
                     "Where `provisiond worker` waits for the daemon of "
                     "another host, like 0.0.0.0:7443. Empty: a worker is "
                     "started by its daemon."));
  rows.push_back(row("workers.daemon", section, &settings::daemon,
                     text_form{path_rule::name_or_empty},
                     "Name that the certificate of that daemon has to bear."));
  rows.push_back(row("workers.certificate", section, &settings::certificate,
                     text_form{path_rule::absolute_path_or_empty},
                     "PEM file of what this side shows the other: its "
                     "certificate, with those between it and the "
                     "authority's."));
  rows.push_back(row("workers.key", section, &settings::key,
                     text_form{path_rule::absolute_path_or_empty},
                     "PEM file of the certificate's key; only its owner may "
                     "read it."));
  rows.push_back(row("workers.authority", section, &settings::authority,
                     text_form{path_rule::absolute_path_or_empty},
                     "PEM file of the authority whose certificates either "
                     "side believes; no other is believed."));
}

} // namespace

void add_host_key_rows(std::vector<key_row>& rows) {
  for (auto add :
       {add_volume_rows, add_network_rows, add_public_rows, add_janitor_rows,
        add_container_rows, add_machine_rows, add_zdb_rows, add_gateway_rows,
        add_provisioner_rows, add_worker_rows})
    add(rows);
}

} // namespace provision::config
