#include "bench/replay/generator.hpp"

#include <boost/test/unit_test.hpp>

#include <map>

#include "actors/decoder.hpp"
#include "identity/document_signature.hpp"
#include "messages/json/json.hpp"

using namespace provision;
using namespace provision::bench;

BOOST_AUTO_TEST_SUITE(generator_test)

namespace {

generator make(std::uint64_t seed, std::string_view mix = default_mix) {
  return generator{{.seed = seed,
                    .mix = *read_mix(mix),
                    .node_id = measured_node().node_id()}};
}

} // namespace

BOOST_AUTO_TEST_CASE(one_seed_makes_one_stream) {
  auto first = make(7);
  auto second = make(7);
  auto other = make(8);
  bool differs = false;
  for (int i = 0; i < 50; ++i) {
    auto text = json::write(first.next());
    BOOST_CHECK_EQUAL(text, json::write(second.next()));
    differs = differs || text != json::write(other.next());
  }
  BOOST_CHECK(differs);
}

BOOST_AUTO_TEST_CASE(every_document_is_one_that_the_node_takes) {
  auto source = make(1);
  for (int i = 0; i < 200; ++i) {
    auto text = json::write(source.next());
    auto decoded
      = decode(own_text(text, text_form::document), measured_node().node_id());
    BOOST_REQUIRE(decoded.entry.what);
    BOOST_CHECK(!decoded.entry.refusal);
    BOOST_CHECK(!decoded.entry.what->data_error);
    BOOST_CHECK(resources_of(*decoded.entry.what));
    BOOST_CHECK(text.size() >= 1000 && text.size() < 1700);
  }
}

BOOST_AUTO_TEST_CASE(every_document_is_signed_by_its_customer) {
  auto source = make(1);
  for (int i = 0; i < 20; ++i) {
    // As the node sees it: after writing and reading.
    auto document = *json::read_document(json::write(source.next()));
    auto key = customer_key(document.customer_tid).public_key();
    BOOST_CHECK(!verify_customer_signature(document, key));
    document.metadata += "x";
    BOOST_CHECK(verify_customer_signature(document, key));
  }
}

BOOST_AUTO_TEST_CASE(types_come_in_their_shares) {
  auto source = make(3, "volume=3,kubernetes=1");
  std::map<int, int> counts;
  for (int i = 0; i < 2000; ++i)
    ++counts[source.next().type];
  BOOST_CHECK_EQUAL(counts.size(), 2u);
  auto volumes = counts[static_cast<int>(workload_type::volume)];
  BOOST_CHECK(volumes > 1400 && volumes < 1600);
}

BOOST_AUTO_TEST_CASE(a_mix_that_makes_no_sense_is_refused) {
  for (auto* wrong : {"", "volume", "volume=0", "volume=x", "volume=1,",
                      "public_ip=1", "volume=1;zdb=2"})
    BOOST_CHECK(!read_mix(wrong));
  BOOST_CHECK_EQUAL(read_mix("zdb=2,volume=1")->size(), 2u);
}

BOOST_AUTO_TEST_SUITE_END()
