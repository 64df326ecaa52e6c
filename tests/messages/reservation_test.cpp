#include "messages/byte_units.hpp"
#include "messages/reservation.hpp"

#include <algorithm>
#include <limits>

#include <boost/test/unit_test.hpp>

using namespace provision;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(reservation_test)

namespace {

constexpr auto now = from_unix(1'614'250'050);

reservation a_reservation(std::string id, const reservation_type& type) {
  reservation r;
  r.id = std::move(id);
  r.user_id = "7";
  r.type = type;
  r.created = now;
  r.duration = 1min;
  return r;
}

reservation a_workload(const reservation_type& type,
                       workloads::workload workload) {
  auto r = a_reservation("7-1", type);
  r.workload = std::move(workload);
  return r;
}

workloads::container a_container(std::uint64_t cpu, std::uint64_t memory,
                                 std::uint64_t disk,
                                 workloads::disk_type type) {
  workloads::container c;
  c.capacity = {cpu, memory, type, disk};
  return c;
}

std::vector<std::string> ids_in_order(std::vector<reservation> page) {
  std::stable_sort(page.begin(), page.end(), before_in_page);
  std::vector<std::string> ids;
  for (const auto& r : page)
    ids.push_back(r.id);
  return ids;
}

} // namespace

BOOST_AUTO_TEST_CASE(expires_after_its_duration) {
  auto r = a_reservation("1-1", reservation_types::volume);
  BOOST_TEST(!r.expired(now));
  BOOST_TEST(!r.expired(saturating_add(now, 1min)));
  BOOST_TEST(r.expired(saturating_add(now, 1min + 1ns)));
  BOOST_CHECK(r.expires_at() == saturating_add(now, 1min));
}

BOOST_AUTO_TEST_CASE(never_ends_with_the_longest_duration) {
  auto r = a_reservation("1-1", reservation_types::volume);
  r.duration = std::chrono::nanoseconds::max();
  BOOST_CHECK(r.expires_at() == end_of_time);
  r.created = from_unix(0);
  BOOST_TEST(!r.expired(now));
  BOOST_TEST(!r.validate(now));
}

BOOST_AUTO_TEST_CASE(never_ends_beyond_64_bits) {
  auto r = a_reservation("1-1", reservation_types::volume);
  r.created = {std::numeric_limits<std::int64_t>::max(), 999'999'999};
  BOOST_CHECK(r.expires_at() == end_of_time);
}

BOOST_AUTO_TEST_CASE(is_expired_without_creation_time_or_duration) {
  auto r = a_reservation("1-1", reservation_types::volume);
  r.duration = 0ns;
  r.created = saturating_add(now, 1h);
  BOOST_TEST(r.expired(now));
  BOOST_CHECK(r.validate(now).code == errc::expired);
  r.duration = -1ns;
  BOOST_CHECK(r.validate(now).code == errc::expired);
  r.duration = std::chrono::nanoseconds::max();
  r.created = {};
  BOOST_TEST(r.expired(now));
  BOOST_CHECK(r.expires_at() < now);
  BOOST_CHECK(r.validate(now).code == errc::expired);
}

BOOST_AUTO_TEST_CASE(names_an_expired_reservation) {
  auto r = a_reservation("100-1", reservation_types::volume);
  r.duration = 1s;
  auto wrong = r.validate(saturating_add(now, 1min));
  BOOST_CHECK(wrong.code == errc::expired);
  BOOST_TEST(wrong.message == "reservation 100-1 has expired");
}

BOOST_AUTO_TEST_CASE(refuses_ids_that_would_leave_their_place) {
  auto r = a_reservation("../1-1", reservation_types::volume);
  BOOST_CHECK(r.validate(now).code == errc::invalid_reservation);
  r.id = "";
  BOOST_CHECK(r.validate(now).code == errc::invalid_reservation);
  r.id = "1-1";
  r.reference = "/etc/passwd";
  BOOST_CHECK(r.validate(now).code == errc::invalid_reservation);
  r.reference = "1-2";
  BOOST_TEST(!r.validate(now));
}

BOOST_AUTO_TEST_CASE(splits_an_id_into_its_numbers) {
  BOOST_CHECK(split_reservation_id("1-1").value() == (split_id{1, 1}));
  BOOST_CHECK(split_reservation_id("100-22").value() == (split_id{100, 22}));
  BOOST_CHECK(split_reservation_id("18446744073709551615-0").value()
              == (split_id{std::numeric_limits<std::uint64_t>::max(), 0}));
}

BOOST_AUTO_TEST_CASE(refuses_to_split_other_shapes) {
  for (auto id :
       {"", "1", "-", "1-", "-1", "a-1", "1-b", "1-2-3", "-1-1", "1--1", "+1-1",
        " 1-1", "1-1 ", "0x1-1", "18446744073709551616-1"})
    BOOST_CHECK(split_reservation_id(id).error().code
                == errc::invalid_reservation);
}

BOOST_AUTO_TEST_CASE(lets_only_plain_ids_name_things) {
  for (auto id : {"1-1", "a", "A.b_c-9", "..."})
    BOOST_TEST(is_safe_id(id));
  BOOST_TEST(is_safe_id(std::string(64, 'x')));
  for (auto id : {"", ".", "..", "a/b", "a b", "a\n", "\xc3\xa9", "a:b", "~"})
    BOOST_TEST(!is_safe_id(id));
  BOOST_TEST(!is_safe_id(std::string(65, 'x')));
  BOOST_TEST(!is_safe_id(std::string_view{"a\0", 2}));
}

BOOST_AUTO_TEST_CASE(orders_a_page_by_rank_then_by_number) {
  using namespace reservation_types;
  BOOST_TEST(ids_in_order(
               {a_reservation("9-1", proxy), a_reservation("100-1", volume),
                a_reservation("20-2", volume), a_reservation("20-1", volume),
                a_reservation("99-1", network), a_reservation("4-1", container),
                a_reservation("5-1", {"own"})})
               == (std::vector<std::string>{"99-1", "20-1", "20-2", "100-1",
                                            "4-1", "9-1", "5-1"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(puts_ids_without_numbers_last_in_their_rank) {
  using namespace reservation_types;
  BOOST_TEST(
    ids_in_order({a_reservation("z", volume), a_reservation("a", volume),
                  a_reservation("18446744073709551615-1", volume),
                  a_reservation("1-1", container)})
      == (std::vector<std::string>{"18446744073709551615-1", "z", "a", "1-1"}),
    boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(names_the_file_system_of_the_older_reservation) {
  auto r = a_reservation("123-1", reservation_types::volume);
  BOOST_TEST(filesystem_name(r) == "123-1");
  BOOST_TEST(workload_id_from_filesystem({filesystem_name(r)}).value() == 123);
  r.reference = "5-2";
  BOOST_TEST(filesystem_name(r) == "5-2");
}

BOOST_AUTO_TEST_CASE(finds_no_number_in_another_file_systems_name) {
  for (auto name : {"", "zos-cache", "123", "9223372036854775808-1"})
    BOOST_CHECK(workload_id_from_filesystem({name}).error().code
                == errc::malformed_input);
}

BOOST_AUTO_TEST_CASE(counts_disks_by_their_kind) {
  using workloads::disk_type;
  using namespace reservation_types;
  auto of = [](const reservation& r) { return resources_of(r).value(); };
  BOOST_CHECK(of(a_workload(volume, workloads::volume{1, disk_type::ssd}))
              == (resources{0, 0, 0, gib}));
  BOOST_CHECK(of(a_workload(volume, workloads::volume{1, disk_type::hdd}))
              == (resources{0, 0, gib, 0}));
  workloads::zdb space{.size = 2, .disk_type = disk_type::ssd};
  BOOST_CHECK(of(a_workload(zdb, space)) == (resources{0, 0, 0, 2 * gib}));
  space.disk_type = disk_type::hdd;
  BOOST_CHECK(of(a_workload(zdb, space)) == (resources{0, 0, 2 * gib, 0}));
}

BOOST_AUTO_TEST_CASE(counts_what_containers_take) {
  using reservation_types::container;
  using workloads::disk_type;
  auto of = [](const workloads::container& c) {
    return resources_of(a_workload(container, c)).value();
  };
  BOOST_CHECK(of(a_container(2, 1024, 256, disk_type::ssd))
              == (resources{2, gib, 0, 256 * mib}));
  BOOST_CHECK(of(a_container(2, 2048, 1024, disk_type::ssd))
              == (resources{2, 2 * gib, 0, gib}));
  BOOST_CHECK(of(a_container(4, 2048, 10240, disk_type::hdd))
              == (resources{4, 2 * gib, 10 * gib, 0}));
}

BOOST_AUTO_TEST_CASE(counts_no_disk_of_an_unknown_kind) {
  using namespace reservation_types;
  constexpr workloads::disk_type tape{255};
  auto of = [](const reservation& r) { return resources_of(r).value(); };
  BOOST_CHECK(of(a_workload(volume, workloads::volume{4, tape}))
              == resources{});
  BOOST_CHECK(of(a_workload(container, a_container(1, 256, 100, tape)))
              == (resources{1, 256 * mib, 0, 0}));
}

BOOST_AUTO_TEST_CASE(counts_virtual_machines_by_their_size) {
  const std::uint64_t table[18][3]{
    {1, 2, 50},   {2, 4, 100},  {2, 8, 25},   {2, 8, 50},   {2, 8, 200},
    {4, 16, 50},  {4, 16, 100}, {4, 16, 400}, {8, 32, 100}, {8, 32, 200},
    {8, 32, 800}, {1, 64, 200}, {1, 64, 400}, {1, 64, 800}, {1, 2, 25},
    {2, 4, 50},   {4, 8, 50},   {1, 1, 25},
  };
  workloads::kubernetes vm;
  for (const auto& [vcpu, memory, disk] : table) {
    ++vm.size;
    BOOST_CHECK(
      resources_of(a_workload(reservation_types::kubernetes, vm)).value()
      == (resources{vcpu, memory * gib, 0, disk * gib}));
  }
}

BOOST_AUTO_TEST_CASE(refuses_sizes_that_virtual_machines_do_not_have) {
  for (std::uint8_t size : {0, 19, 255}) {
    workloads::kubernetes vm;
    vm.size = size;
    auto wrong = resources_of(a_workload(reservation_types::kubernetes, vm));
    BOOST_CHECK(wrong.error().code == errc::invalid_reservation);
    BOOST_TEST(wrong.error().message
               == "reservation 7-1: unsupported vm size " + std::to_string(size)
                    + ", only size 1 to 18 are supported");
  }
}

BOOST_AUTO_TEST_CASE(counts_nothing_for_types_without_sizes) {
  using namespace reservation_types;
  const reservation free_of_charge[]{
    a_workload(network, workloads::network_resource{}),
    a_workload(network_resource, workloads::network_resource{}),
    a_workload(public_ip, workloads::public_ip{}),
    a_workload(debug, {}),
    a_workload({"own"}, {}),
  };
  for (const auto& r : free_of_charge)
    BOOST_CHECK(resources_of(r).value() == resources{});
}

BOOST_AUTO_TEST_CASE(refuses_sizes_that_wrap_and_names_the_field) {
  using workloads::disk_type;
  using namespace reservation_types;
  constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  const std::pair<reservation, std::string_view> cases[]{
    {a_workload(volume, workloads::volume{1ULL << 34U, disk_type::ssd}),
     "size"},
    {a_workload(zdb, workloads::zdb{.size = most}), "size"},
    {a_workload(container, a_container(1, most, 1, disk_type::ssd)),
     "capacity.memory"},
    {a_workload(container, a_container(1, 1, most, disk_type::ssd)),
     "capacity.disk_size"},
  };
  for (const auto& [r, field] : cases) {
    auto wrong = resources_of(r);
    BOOST_REQUIRE(!wrong);
    BOOST_CHECK(wrong.error().code == errc::invalid_reservation);
    BOOST_TEST(wrong.error().message.find(field) != std::string::npos);
  }
  auto largest
    = a_workload(volume, workloads::volume{(1ULL << 34U) - 1, disk_type::ssd});
  BOOST_TEST(resources_of(largest).has_value());
}

BOOST_AUTO_TEST_CASE(counts_nothing_from_data_that_did_not_decode) {
  auto r = a_reservation("1-1", reservation_types::volume);
  r.data_error = {errc::malformed_input, "size: not a number"};
  BOOST_CHECK(resources_of(r).error() == r.data_error);
}

BOOST_AUTO_TEST_CASE(finds_the_network_of_network_types_only) {
  using namespace reservation_types;
  workloads::network_resource net;
  net.name = "net1";
  BOOST_TEST(network_of(a_workload(network, net)) == "LQvBSpmfrEtfs");
  BOOST_TEST(network_of(a_workload(network_resource, net)) == "LQvBSpmfrEtfs");
  BOOST_TEST(network_of(a_workload(network_resource, {})).empty());
  BOOST_TEST(network_of(a_workload(container, workloads::container{})).empty());
}

BOOST_AUTO_TEST_SUITE_END()
