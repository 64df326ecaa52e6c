#include "bench/replay/generator.hpp"

#include "identity/document_signature.hpp"
#include "messages/base64.hpp"
#include "messages/hex.hpp"
#include "messages/json/json.hpp"

namespace provision::bench {

namespace {

/// What a short document is filled up to.
constexpr std::size_t document_bytes = 1024;

node_key key_of(std::string_view role, std::int64_t number) {
  std::string seed{role};
  seed += std::to_string(number);
  seed.resize(32, '.');
  return *node_key::from_seed(secret{seed});
}

/// 10.<a>.<b>.<c>
workloads::ip_address address(std::uint64_t a, std::uint64_t b,
                              std::uint64_t c) {
  using workloads::ip_address;
  return {.family = ip_address::kind::v4,
          .bytes
          = {10, static_cast<std::uint8_t>(a), static_cast<std::uint8_t>(b),
             static_cast<std::uint8_t>(c)}};
}

workloads::ip_range range(std::uint64_t a, std::uint64_t b,
                          std::uint8_t prefix) {
  return {address(a, b, 0), prefix};
}

} // namespace

const std::vector<reservation_type>& generated_types() {
  using namespace reservation_types;
  static const std::vector<reservation_type> all{volume, zdb, container,
                                                 network_resource, kubernetes};
  return all;
}

node_key customer_key(std::int64_t tid) {
  return key_of("customer ", tid);
}

node_key measured_node() {
  return key_of("node under measurement ", 1);
}

generator::generator(generator_options options)
  : options_{std::move(options)}, random_{options_.seed}, next_id_{
                                                            options_.first_id} {
  for (std::int64_t i = 0; i < customer_count; ++i)
    keys_.push_back(customer_key(first_customer + i));
}

reservation_type generator::draw_type() {
  std::uint64_t sum = 0;
  for (auto& share : options_.mix)
    sum += share.weight;
  auto drawn = draw(sum);
  for (auto& share : options_.mix) {
    if (drawn < share.weight)
      return share.type;
    drawn -= share.weight;
  }
  return options_.mix.back().type;
}

std::string generator::draw_bytes(std::size_t size) {
  std::string bytes;
  for (std::size_t i = 0; i < size; ++i)
    bytes += static_cast<char>(draw(256));
  return bytes;
}

// -- contents per type --------------------------------------------------------

documents::content generator::draw_volume() {
  return documents::volume{.size = 1 + static_cast<std::int64_t>(draw(100)),
                           .type = static_cast<std::uint8_t>(draw(2))};
}

documents::content generator::draw_zdb() {
  return documents::zdb{.size = 1 + static_cast<std::int64_t>(draw(100)),
                        .mode = static_cast<std::uint8_t>(draw(2)),
                        .password = hex::encode(draw_bytes(48)),
                        .disk_type = static_cast<std::uint8_t>(draw(2)),
                        .is_public = draw(2) == 0};
}

documents::content generator::draw_container() {
  documents::container made;
  made.flist = "https://hub.grid.tf/tf-official-apps/ubuntu-20.04.flist";
  made.hub_url = "zdb://hub.grid.tf:9900";
  made.environment = {{"ROLE", "worker"}, {"PORT", "8080"}};
  made.secret_environment = {{"TOKEN", hex::encode(draw_bytes(32))}};
  made.entrypoint = "/sbin/my_init";
  made.volumes = {{{std::to_string(next_id_ - 1) + "-1", "/data"}}};
  made.network_connection
    = {{{.network_id = "net" + std::to_string(draw(1000)),
         .ipaddress = address(1, draw(256), 2 + draw(250))}}};
  made.capacity = {.cpu = 1 + static_cast<std::int64_t>(draw(4)),
                   .memory = 512,
                   .disk_size = 1024,
                   .disk_type = 1};
  return made;
}

documents::content generator::draw_network() {
  documents::network_resource made;
  // A name of its own each: as many networks as the share says.
  made.name = "net" + std::to_string(next_id_);
  auto site = draw(256);
  made.network_iprange = range(site, 0, 16);
  made.wireguard_private_key_encrypted = hex::encode(draw_bytes(60));
  made.wireguard_public_key = base64::encode(draw_bytes(32));
  made.wireguard_listen_port = 2000 + static_cast<std::int64_t>(draw(6000));
  made.iprange = range(site, 2, 24);
  made.peers = {{{.public_key = base64::encode(draw_bytes(32)),
                  .endpoint = "[2a02:1802:5e::1]:6380",
                  .iprange = range(site, 3, 24),
                  .allowed_iprange = {{range(site, 3, 24)}}}}};
  return made;
}

documents::content generator::draw_kubernetes() {
  documents::kubernetes made;
  made.size = 1 + static_cast<std::int64_t>(draw(18));
  made.cluster_secret = hex::encode(draw_bytes(32));
  made.network_id = "net" + std::to_string(draw(1000));
  made.ipaddress = address(1, draw(256), 2 + draw(250));
  made.master_ips = {{address(1, 2, 3)}};
  made.ssh_keys = {{"ssh-ed25519 " + base64::encode(draw_bytes(51))}};
  return made;
}

void generator::fill(documents::workload& w, const reservation_type& type) {
  using namespace reservation_types;
  if (type == volume) {
    w.type = static_cast<std::uint8_t>(workload_type::volume);
    w.content = draw_volume();
  } else if (type == zdb) {
    w.type = static_cast<std::uint8_t>(workload_type::zdb);
    w.content = draw_zdb();
  } else if (type == container) {
    w.type = static_cast<std::uint8_t>(workload_type::container);
    w.content = draw_container();
  } else if (type == network_resource) {
    w.type = static_cast<std::uint8_t>(workload_type::network_resource);
    w.content = draw_network();
  } else {
    w.type = static_cast<std::uint8_t>(workload_type::kubernetes);
    w.content = draw_kubernetes();
  }
}

// -- the document around them -------------------------------------------------

documents::workload generator::next() {
  documents::workload w;
  auto customer = draw(customer_count);
  w.workload_id = 1;
  w.node_id = options_.node_id;
  w.pool_id = 11;
  w.id = next_id_;
  w.customer_tid = first_customer + static_cast<std::int64_t>(customer);
  w.signing_request_provision.signers = {{w.customer_tid}};
  w.signing_request_delete = {{{w.customer_tid}}, 1};
  w.next_action = documents::next_action::deploy;
  w.signatures_provision.emplace();
  w.signatures_delete.emplace();
  w.epoch = options_.epoch;
  w.version = 2;
  fill(w, draw_type());
  // All of a size, whatever the type, so that mixes can be compared.
  constexpr std::size_t signature_bytes = 128;
  auto size = json::write(w).size() + signature_bytes;
  if (size < document_bytes)
    w.metadata = std::string(document_bytes - size, 'm');
  w.customer_signature = options_.is_signed
                           ? customer_signature(w, keys_[customer])
                           : std::string(signature_bytes, '0');
  ++next_id_;
  return w;
}

} // namespace provision::bench
