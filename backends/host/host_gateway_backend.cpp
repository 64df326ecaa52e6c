#include "backends/host/host_gateway_backend.hpp"

#include <algorithm>
#include <utility>

#include "messages/reservation.hpp"
#include "messages/workloads/domain_name.hpp"

namespace provision {

namespace {

error check_id(std::string_view id) {
  if (is_safe_id(id))
    return {};
  return {errc::invalid_reservation,
          "'" + std::string{id} + "' cannot name a gateway's record"};
}

std::string target(const workloads::ip_address& ip, std::uint16_t port) {
  if (port == 0)
    return {};
  const auto text = to_string(ip);
  const bool is_v6 = ip.family == workloads::ip_address::kind::v6;
  return (is_v6 ? '[' + text + ']' : text) + ':' + std::to_string(port);
}

/// Those that are served, by id.
router_server::tunnels tunnels_of(const gateway_book& book) {
  router_server::tunnels found;
  for (const auto& [domain, id] : served_domains(book))
    if (const auto* what = std::get_if<tunnelled_domain>(&book.at(id).what))
      found.emplace(id, what->digest);
  return found;
}

zone_folder_options zone_options(const host_gateway_options& options) {
  return {.path = options.zone_folder,
          .terms = {options.node_id, options.name_servers},
          .checkzone = options.tools.checkzone,
          .reload = options.zone_reload,
          .pending_file = options.folder + "/untold",
          .now = options.now,
          .before_step = options.before_step};
}

nginx_options server_options(const host_gateway_options& options) {
  return {.node_id = options.node_id,
          .tools = options.tools,
          .groups = options.groups,
          .http_listen = options.http_listen,
          .tls_listen = options.tls_listen,
          .patience = options.patience,
          .restart_delay = options.restart_delay,
          .before_step = options.before_step};
}

router_options options_of_router(const host_gateway_options& options) {
  return {.node_id = options.node_id,
          .tools = options.tools,
          .groups = options.groups,
          .host = options.clients_host,
          .port = options.clients_port,
          .door_folder = options.door_folder,
          .patience = options.patience,
          .restart_delay = options.restart_delay,
          .before_step = options.before_step};
}

} // namespace

expected<std::unique_ptr<host_gateway_backend>>
host_gateway_backend::open(host_gateway_options options) {
  auto records = gateway_records::open(options.folder + "/records");
  if (!records)
    return fail(records.error());
  auto processes = supervised_processes::open(options.folder + "/processes",
                                              options.tools.shim);
  if (!processes)
    return fail(processes.error());
  std::optional<zone_folder> zones;
  if (!options.zone_folder.empty()) {
    auto opened = zone_folder::open(zone_options(options));
    if (!opened)
      return fail(opened.error());
    zones = std::move(*opened);
  }
  std::unique_ptr<host_gateway_backend> made{new host_gateway_backend{
    std::move(options), std::move(*records),
    std::make_unique<supervised_processes>(std::move(*processes)),
    std::move(zones)}};
  if (const auto& trouble = made->mutex_.trouble())
    return fail(trouble);
  return made;
}

host_gateway_backend::host_gateway_backend(
  host_gateway_options options, gateway_records records,
  std::unique_ptr<supervised_processes> processes,
  std::optional<zone_folder> zones)
  : options_{std::move(options)}, records_{std::move(records)},
    processes_{std::move(processes)}, nginx_{*processes_,
                                             server_options(options_)},
    router_{*processes_, options_of_router(options_)}, zones_{
                                                         std::move(zones)} {
}

// -- the port -----------------------------------------------------------------

gateway_facts host_gateway_backend::inspect(std::string_view id) {
  const std::lock_guard lock{mutex_};
  const auto book = records_.all();
  if (!book)
    return {presence::unknown, book.error().message};
  const std::string name{id};
  if (!book->contains(name))
    return {};
  auto wrong = flaw(*book, name);
  return wrong.empty() ? gateway_facts{presence::present, {}}
                       : gateway_facts{presence::partial, std::move(wrong)};
}

error host_gateway_backend::ensure(const gateway_order& order) {
  const std::lock_guard lock{mutex_};
  auto book = records_.all();
  if (!book)
    return book.error();
  if (auto wrong = check(order, *book))
    return wrong;
  const gateway_record wanted{order.user_id, order.what};
  std::optional<gateway_record> before;
  if (const auto found = book->find(order.id); found != book->end())
    before = found->second;
  if (auto stopped = pass(options_.before_step, "write record"))
    return stopped;
  if (auto failed = records_.keep(order.id, wanted))
    return failed;
  (*book)[order.id] = wanted;
  auto failed = apply(*book, wanted);
  // What it was before may have been of the other kind.
  if (!failed && before && is_proxy(*before) != is_proxy(wanted))
    failed = apply(*book, *before);
  if (!failed)
    return {};
  if (const auto stuck = take_back(order, std::move(*book), before, wanted))
    failed.message += "; what was begun is still there: " + stuck.message;
  return failed;
}

error host_gateway_backend::destroy(std::string_view id) {
  const std::lock_guard lock{mutex_};
  const std::string name{id};
  if (auto wrong = check_id(id))
    return wrong;
  auto book = records_.all();
  if (!book)
    return book.error();
  const auto found = book->find(name);
  if (found == book->end())
    return {};
  const auto record = found->second;
  book->erase(found);
  if (auto failed = apply(*book, record))
    return failed;
  if (auto stopped = pass(options_.before_step, "remove record"))
    return stopped;
  return records_.forget(name);
}

expected<std::vector<held_object>>
host_gateway_backend::list(const reservation_type& type) {
  const std::lock_guard lock{mutex_};
  const auto book = records_.all();
  if (!book)
    return fail(book.error());
  std::vector<held_object> found;
  for (const auto& [id, record] : *book)
    if (type_of(record) == type)
      found.push_back({.id = id, .what = domain_of(record)});
  return found;
}

error host_gateway_backend::refresh() {
  const std::lock_guard lock{mutex_};
  const auto book = records_.all();
  if (!book)
    return book.error();
  // One that fails does not keep the other from being put right.
  auto failed = apply_zones(*book);
  auto other = apply_proxies(*book);
  if (failed && other)
    failed.message += "; " + other.message;
  return failed ? failed : other;
}

expected<bool> host_gateway_backend::restore(const std::string& id) {
  const std::lock_guard lock{mutex_};
  if (id != nginx_server::id && id != router_server::id)
    return false;
  const auto facts = processes_->look(id);
  if (!is_deserted(facts) && !has_given_up(facts))
    return false;
  const auto book = records_.all();
  if (!book)
    return fail(book.error());
  // Half made, or half removed; whoever wanted it asks again.
  if (id == nginx_server::id
        ? served_domains(*book).empty()
        : tunnels_of(*book).empty() || !terms().has_tunnels)
    return false;
  if (auto failed = apply_proxies(*book))
    return fail(std::move(failed));
  return true;
}

void host_gateway_backend::on_start(std::function<void()> listener) {
  const std::lock_guard lock{mutex_.of_this_process()};
  listener_ = std::move(listener);
}

// -- steps --------------------------------------------------------------------

gateway_terms host_gateway_backend::terms() const {
  const bool has_nginx = !options_.tools.nginx.empty();
  return {.domains = options_.domains,
          .name_servers = options_.name_servers,
          .has_http = has_nginx && !options_.http_listen.empty(),
          .has_tls = has_nginx && !options_.tls_listen.empty(),
          .has_tunnels = has_nginx && !options_.tools.router.empty()
                         && !options_.clients_host.empty(),
          .has_zones = zones_.has_value()};
}

error host_gateway_backend::check(const gateway_order& order,
                                  const gateway_book& book) const {
  if (auto wrong = check_id(order.id))
    return wrong;
  const gateway_record wanted{order.user_id, order.what};
  const auto domain = workloads::parse_domain(domain_of(wanted));
  if (!domain || *domain != domain_of(wanted))
    return {errc::invalid_reservation,
            "domain: "
              + (domain ? "is not in lower case" : domain.error().message)};
  // Users are numbers; the text of one reaches the zone.
  if (order.user_id.find_first_not_of("-0123456789") != std::string::npos
      || order.user_id.empty())
    return {errc::invalid_reservation, "the user is no number"};
  if (auto wrong = check_claim(book, order.id, wanted, terms()))
    return wrong;
  const auto* proxy = std::get_if<proxied_domain>(&order.what);
  if (proxy != nullptr && options_.is_own(proxy->address))
    return {errc::invalid_reservation,
            "addr: " + to_string(proxy->address)
              + " is the gateway's own; nothing is passed to itself"};
  return {};
}

/// Only the part of the host that `because` concerns: nginx being broken keeps
/// no zone from changing.
error host_gateway_backend::apply(const gateway_book& book,
                                  const gateway_record& because) const {
  return is_proxy(because) ? apply_proxies(book) : apply_zones(book);
}

error host_gateway_backend::apply_proxies(const gateway_book& book) const {
  // nginx would find nobody behind a door that is not open yet.
  const auto tunnels
    = terms().has_tunnels ? tunnels_of(book) : router_server::tunnels{};
  if (auto failed = router_.settle(tunnels, listener_))
    return failed;
  return nginx_.settle(routes(book), listener_);
}

nginx_routes host_gateway_backend::routes(const gateway_book& book) const {
  nginx_routes made;
  for (const auto& [domain, id] : served_domains(book)) {
    const auto& what = book.at(id).what;
    if (const auto* proxy = std::get_if<proxied_domain>(&what)) {
      made[domain] = {.http = target(proxy->address, proxy->port),
                      .tls = target(proxy->address, proxy->tls_port)};
    } else {
      const auto door = "unix:" + router_.door_of(id);
      made[domain] = {.http = door, .tls = door};
    }
  }
  return made;
}

error host_gateway_backend::apply_zones(const gateway_book& book) const {
  return zones_ ? zones_->settle(zones_of(book, terms())) : error{};
}

error host_gateway_backend::take_back(
  const gateway_order& order, gateway_book book,
  const std::optional<gateway_record>& before,
  const gateway_record& wanted) const {
  if (before) {
    book[order.id] = *before;
    if (auto failed = records_.keep(order.id, *before))
      return failed;
  } else {
    book.erase(order.id);
    if (auto failed = records_.forget(order.id))
      return failed;
  }
  return apply(book, wanted);
}

std::string host_gateway_backend::flaw(const gateway_book& book,
                                       const std::string& id) const {
  const auto& record = book.at(id);
  return is_proxy(record) ? flaw_of_proxy(book, id)
                          : flaw_of_zone(book, domain_of(record));
}

std::string host_gateway_backend::flaw_of_proxy(const gateway_book& book,
                                                const std::string& id) const {
  const auto& record = book.at(id);
  const auto by = served_domains(book).at(domain_of(record));
  if (by != id)
    return "reservation " + by + " has " + domain_of(record);
  if (std::holds_alternative<tunnelled_domain>(record.what))
    if (auto wrong = router_.flaw(tunnels_of(book)); !wrong.empty())
      return wrong;
  return nginx_.flaw(routes(book));
}

/// Of the zone that this domain is, or is a name in.
std::string
host_gateway_backend::flaw_of_zone(const gateway_book& book,
                                   const std::string& domain) const {
  for (const auto& zone : zones_of(book, terms()))
    if (zone.domain == domain || zone.names.contains(domain))
      return zones_->flaw(zone).value_or("");
  return domain + " is in no zone that this node keeps";
}

} // namespace provision
