#include "identity/key_file.hpp"

#include <boost/test/unit_test.hpp>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

#include "identity/private_file.hpp"
#include "identity/sodium/sodium_entropy.hpp"
#include "identity_support.hpp"
#include "messages/base64.hpp"

using namespace provision;

BOOST_AUTO_TEST_SUITE(key_file_test)

namespace {

const std::string known_words
  = R"("1.1.0"{"mnemonic":"crop orient animal script safe inquiry neglect )"
    R"(tumble maple board degree you intact busy birth west crack cabin )"
    R"(lizard embark seed adjust around talk"})";

/// A fresh folder, removed with the test.
struct folder {
  folder() {
    auto pattern
      = (std::filesystem::temp_directory_path() / "identity.XXXXXX").string();
    BOOST_REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path = pattern;
  }
  ~folder() { std::filesystem::remove_all(path); }

  std::string file(const std::string& name) const {
    return (path / name).string();
  }

  std::string write(const std::string& name, const std::string& text,
                    mode_t mode = 0600) const {
    std::ofstream{file(name), std::ios::binary} << text;
    BOOST_REQUIRE_EQUAL(::chmod(file(name).c_str(), mode), 0);
    return file(name);
  }

  std::filesystem::path path;
};

std::string contents_of(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

mode_t mode_of(const std::string& path) {
  struct stat found = {};
  BOOST_REQUIRE_EQUAL(::lstat(path.c_str(), &found), 0);
  return found.st_mode & 07777U;
}

std::size_t files_in(const std::filesystem::path& path) {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry :
       std::filesystem::directory_iterator{path})
    ++count;
  return count;
}

boost::test_tools::assertion_result
files_can_be_given_away(boost::unit_test::test_unit_id) {
  return ::geteuid() == 0;
}

std::string refusal_of(const std::string& path) {
  auto key = load_key_file(path);
  if (key)
    return "none";
  BOOST_CHECK(key.error().code == errc::identity_unusable);
  return key.error().message;
}

} // namespace

BOOST_AUTO_TEST_CASE(reads_the_originals_raw_seed) {
  folder home;
  auto text = base64::decode("IjEuMC4wIkiwBpAxl8Xpc4fgQ4Wq3Is5ssEkObXDJANf7KoO"
                             "w153");
  auto key = load_key_file(home.write("key", text.value()));
  BOOST_REQUIRE(key);
  BOOST_CHECK_EQUAL(key->node_id(),
                    "3We9p7C3wihY3ZZSP5w4ujEBPVtm685fVW563MVFbnE8");
}

BOOST_AUTO_TEST_CASE(reads_the_originals_mnemonic) {
  folder home;
  auto key = load_key_file(home.write("key", known_words));
  BOOST_REQUIRE(key);
  BOOST_CHECK_EQUAL(key->node_id(),
                    "o4DQqEXFFuvz7GPtzC1egLzSrrZuWSkCETGA5ikYNXJ");
}

BOOST_AUTO_TEST_CASE(reads_a_users_mnemonic_with_other_members) {
  folder home;
  auto text = known_words;
  text.replace(text.find('{'), 1, R"({ "threebotid" : 7, )");
  auto key = load_key_file(home.write("key", text + "\n"));
  BOOST_REQUIRE_MESSAGE(key, key.error().message);
  BOOST_CHECK_EQUAL(key->node_id(),
                    "o4DQqEXFFuvz7GPtzC1egLzSrrZuWSkCETGA5ikYNXJ");
}

BOOST_AUTO_TEST_CASE(creates_a_key_at_the_first_start_and_keeps_it) {
  folder home;
  sodium_entropy random;
  auto path = home.file("identity.key");
  auto first = load_or_create_key_file(path, random);
  BOOST_REQUIRE(first);
  BOOST_CHECK_EQUAL(mode_of(path), 0600u);
  BOOST_CHECK_EQUAL(files_in(home.path), 1u);
  auto text = contents_of(path);
  BOOST_CHECK_EQUAL(text.size(), 7u + 32u);
  BOOST_CHECK_EQUAL(text.substr(0, 7), R"("1.0.0")");
  auto second = load_or_create_key_file(path, random);
  BOOST_REQUIRE(second);
  BOOST_CHECK_EQUAL(second->node_id(), first->node_id());
  BOOST_CHECK(second->seed() == first->seed());
}

BOOST_AUTO_TEST_CASE(creates_it_private_whatever_the_umask) {
  folder home;
  sodium_entropy random;
  auto before = ::umask(0777);
  auto key = load_or_create_key_file(home.file("strict"), random);
  ::umask(0);
  auto other = load_or_create_key_file(home.file("lax"), random);
  ::umask(before);
  BOOST_CHECK(key);
  BOOST_CHECK(other);
  BOOST_CHECK_EQUAL(mode_of(home.file("strict")), 0600u);
  BOOST_CHECK_EQUAL(mode_of(home.file("lax")), 0600u);
}

BOOST_AUTO_TEST_CASE(several_first_starts_agree_on_one_key) {
  folder home;
  auto path = home.file("key");
  std::vector<std::string> ids(4);
  std::vector<std::thread> starts;
  for (auto& id : ids)
    starts.emplace_back([&path, &id] {
      sodium_entropy random;
      auto key = load_or_create_key_file(path, random);
      id = key ? key->node_id() : key.error().message;
    });
  for (auto& start : starts)
    start.join();
  BOOST_CHECK(ids == std::vector<std::string>(4, ids.front()));
  BOOST_CHECK_EQUAL(refusal_of(path), "none");
  BOOST_CHECK_EQUAL(files_in(home.path), 1u);
}

BOOST_AUTO_TEST_CASE(never_overwrites_a_key_file) {
  folder home;
  sodium_entropy random;
  auto path = home.write("key", known_words);
  auto failure = create_key_file(path, the_node(), random);
  BOOST_CHECK(failure.code == errc::already_exists);
  BOOST_CHECK_EQUAL(contents_of(path), known_words);
  BOOST_CHECK_EQUAL(files_in(home.path), 1u);
  // Not even one that it cannot use.
  auto broken = home.write("broken", "");
  BOOST_CHECK(!load_or_create_key_file(broken, random));
  BOOST_CHECK_EQUAL(contents_of(broken), "");
}

BOOST_AUTO_TEST_CASE(survives_a_leftover_temporary_file) {
  folder home;
  fixed_entropy random{std::string(32, 'r')};
  home.write(".key." + hex::encode("rrrrrrrr") + ".tmp", "half");
  auto path = home.file("key");
  // The one with the very same name is cleared away by the failed try.
  BOOST_CHECK(!load_or_create_key_file(path, random));
  BOOST_CHECK(load_or_create_key_file(path, random));
}

BOOST_AUTO_TEST_CASE(refuses_a_key_file_that_others_can_read_or_write) {
  folder home;
  for (mode_t mode : {0640, 0604, 0620, 0602, 0644, 0666, 0777}) {
    auto path = home.write("key", known_words, mode);
    auto refusal = refusal_of(path);
    BOOST_CHECK(refusal.starts_with("key file " + path + " has mode 0"));
    BOOST_CHECK(refusal.ends_with("run chmod 600 " + path));
  }
  auto path = home.write("key", known_words, 0644);
  BOOST_CHECK_EQUAL(refusal_of(path),
                    "key file " + path
                      + " has mode 0644, which lets others in; run chmod 600 "
                      + path);
  for (mode_t mode : {0600, 0400})
    BOOST_CHECK_EQUAL(refusal_of(home.write("key", known_words, mode)), "none");
}

BOOST_AUTO_TEST_CASE(refuses_a_key_file_of_another_user,
                     *boost::unit_test::precondition(files_can_be_given_away)) {
  folder home;
  auto path = home.write("key", known_words);
  BOOST_REQUIRE_EQUAL(::chown(path.c_str(), 65534, 65534), 0);
  BOOST_CHECK(refusal_of(path).starts_with("key file " + path
                                           + " belongs to user 65534"));
}

BOOST_AUTO_TEST_CASE(refuses_links_folders_and_pipes_at_once) {
  folder home;
  auto path = home.write("key", known_words);
  std::filesystem::create_symlink(path, home.path / "link");
  BOOST_CHECK(refusal_of(home.file("link")).find("symbolic link")
              != std::string::npos);
  std::filesystem::create_directory(home.path / "folder");
  BOOST_CHECK(refusal_of(home.file("folder")).ends_with("not a regular file"));
  BOOST_REQUIRE_EQUAL(::mkfifo(home.file("pipe").c_str(), 0600), 0);
  BOOST_CHECK(refusal_of(home.file("pipe")).ends_with("not a regular file"));
  // Nor is a link without a target mistaken for a first start.
  sodium_entropy random;
  std::filesystem::create_symlink("nowhere", home.path / "dangling");
  BOOST_CHECK(!load_or_create_key_file(home.file("dangling"), random));
}

BOOST_AUTO_TEST_CASE(tells_a_missing_file_apart) {
  folder home;
  auto missing = load_key_file(home.file("key"));
  BOOST_REQUIRE(!missing);
  BOOST_CHECK_EQUAL(missing.error().detail, ENOENT);
  sodium_entropy random;
  auto homeless = load_or_create_key_file(home.file("no/key"), random);
  BOOST_REQUIRE(!homeless);
  BOOST_CHECK(homeless.error().code == errc::identity_unusable);
  BOOST_CHECK(homeless.error().message.find("its folder cannot be opened")
              != std::string::npos);
}

BOOST_AUTO_TEST_CASE(refuses_malformed_files_without_showing_them) {
  folder home;
  for (const std::string& text :
       {std::string{}, std::string{"hunter2"}, std::string{R"("1.0.0")"},
        R"("1.0.0")" + std::string(31, 's'),
        R"("1.0.0")" + std::string(33, 's'),
        R"("1.2.0")" + std::string(32, 's'), std::string{R"("1.1.0")"},
        std::string{R"("1.1.0"{)"}, std::string{R"("1.1.0"[])"},
        std::string{R"("1.1.0"{"mnemonic":7})"},
        std::string{R"("1.1.0"{"mnemonic":"hunter2"})"},
        std::string{R"("1.1.0"{"words":"hunter2"})"},
        std::string{R"("1.1.0"{"mnemonic":"hunter2)"},
        std::string(4096, '{')}) {
    auto refusal = refusal_of(home.write("key", text));
    BOOST_CHECK_MESSAGE(refusal.find(" is malformed: ") != std::string::npos,
                        refusal);
    BOOST_CHECK(refusal.find("hunter2") == std::string::npos);
    BOOST_CHECK(refusal.find("sss") == std::string::npos);
  }
  BOOST_CHECK(refusal_of(home.write("key", std::string(4097, 'x')))
                .ends_with("has more than 4096 bytes"));
}

BOOST_AUTO_TEST_CASE(never_stumbles_over_damaged_files) {
  folder home;
  seeded_entropy random{3};
  for (int round = 0; round < 300; ++round) {
    auto text = known_words;
    auto dice = random.draw(3);
    auto place = static_cast<unsigned char>(dice.reveal()[0]) % text.size();
    text[place] = dice.reveal()[1];
    if (dice.reveal()[2] % 2 == 0)
      text.resize(place);
    auto key = load_key_file(home.write("key", text));
    BOOST_CHECK(key || key.error().code == errc::identity_unusable);
  }
}

BOOST_AUTO_TEST_CASE(brings_back_any_saved_key) {
  folder home;
  seeded_entropy random{4};
  for (int round = 0; round < 20; ++round) {
    auto key = node_key::from_seed(random.draw(32)).value();
    auto path = home.file("key" + std::to_string(round));
    BOOST_CHECK(!create_key_file(path, key, random));
    auto loaded = load_key_file(path);
    BOOST_REQUIRE(loaded);
    BOOST_CHECK(loaded->seed() == key.seed());
    BOOST_CHECK(loaded->public_key() == key.public_key());
  }
}

BOOST_AUTO_TEST_SUITE_END()
