#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/atoms.hpp"
#include "actors/interfaces.hpp"
#include "identity/key_directory.hpp"

namespace provision {

/// Everyone the intake talks to.
struct intake_peers {
  source_actor source = {};
  cache_actor cache = {};
  /// Their steps take long, and go on beside one another.
  std::vector<decoder_actor> decoders = {};
  /// Keys of users; null: no signature can be checked.
  std::shared_ptr<key_directory> keys = {};
  /// Pages that are decoded and verified before the engine asks for them: while
  /// one is verified, the next is decoded.
  std::size_t pages_ahead = 2;
  /// On the intake's own thread, for few documents; null: there is none.
  decoder_actor decoder_at_hand = {};
};

/// A user's key, or why there is none; sent by the intake to itself.
struct found_key {
  /// Which page asked.
  std::uint64_t passage = 0;
  std::int64_t tid = 0;
  expected<std::string> key = {};
};

} // namespace provision

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(provision::found_key)

namespace provision {

/// The intake also takes its own signals.
using intake_impl
  = intake_actor::extend<caf::reacts_to<found_key>,
                         caf::reacts_to<atom::retry, std::uint64_t>>;

struct intake_state {
  static inline const char* name = "intake";

  explicit intake_state(intake_impl::pointer self) : self{self} {}

  /// A page on its way from the source to the engine.
  struct passage {
    /// Answers to the parts of an earlier page are not for this one.
    std::uint64_t number = 0;
    intake_page page = {};
    config::signature_policy signatures = config::signature_policy::off;
    std::vector<received_text> received = {};
    /// What there may be new in them, by index.
    std::vector<provision::glance> glances = {};
    /// As decoded, by index of the entries.
    std::vector<document_ptr> documents = {};
    /// Parts that decoders still work on.
    std::size_t parts = 0;
    /// Indices of the entries whose signatures are to be checked.
    std::vector<std::size_t> unverified = {};
    std::map<std::int64_t, expected<std::string>> keys = {};
    std::size_t keys_awaited = 0;
    /// Verified before anybody was asked what is known.
    bool is_early = false;
    /// It waits for the engine to ask.
    bool is_finished = false;
  };

  // The steps of a page, in order.
  caf::result<intake_page> ask();
  void fetch();
  void begin(source_page page);
  // Of history, most of which is known (intake_recall.cpp).
  bool may_settle(const passage& way) const;
  void glance(passage& way);
  void glanced(passage& way, std::size_t first, document_glances part);
  void recall_glanced(passage& way);
  void decode(passage& way);
  void decoded(passage& way, std::size_t first, decoded_documents part);
  bool verify_early(passage& way);
  /// Indices of the entries that bear a signature to check.
  static std::vector<std::size_t> signed_ones(const passage& way);
  void recall_decoded(passage& way);
  void look_up_keys(passage& way);
  void verify(passage& way);
  static verify_documents
  verification_of(passage& way, const std::vector<std::size_t>& places);
  void verified(passage& way, const std::vector<std::size_t>& which,
                const std::vector<error>& errors);
  void wait_for_keys(const passage& way, const error& why);
  void judge(passage& way, const std::vector<std::size_t>& which,
             const std::vector<error>& errors);
  void finish(passage& way);
  void serve();
  /// Whether most of these are settled, as in a history that comes once more.
  void note_standings(const std::vector<standing>& standings);
  /// Who works on part number `part`, of `count` documents.
  const decoder_actor& decoder_for(std::size_t count, std::size_t part) const;
  /// Spreads a page's texts over the decoders: `ask` has the first and the last
  /// index of a part, and who is to be asked.
  void in_parts(passage& way,
                const std::function<void(std::size_t, std::size_t,
                                         const decoder_actor&)>& ask);
  /// What is done when a decoder fails at a part of this page.
  std::function<void(caf::error&)> on_failure(const passage& way);
  void give_up(error reason);
  /// The unfinished one of this number; null if it is gone.
  passage* find(std::uint64_t number);

  intake_impl::pointer self;
  intake_peers peers = {};
  std::string node_id = {};
  /// The engine's question, while it waits.
  std::optional<caf::typed_response_promise<intake_page>> asked = {};
  /// In the order of the source.
  std::deque<std::unique_ptr<passage>> passages = {};
  std::uint64_t passages_begun = 0;
  /// The source is asked, or has no more.
  bool fetching = false;
  bool ended = false;
  /// The last page was mostly settled: the next one is looked at first, before
  /// it is decoded. Costs a tenth of decoding where it does not hold.
  bool is_history = false;
};

/// Decodes and verifies pages on all decoders at once, a few ahead of the
/// engine, and hands them over in their order.
intake_impl::behavior_type
intake_behavior(intake_impl::stateful_pointer<intake_state> self,
                intake_peers peers, std::string node_id);

} // namespace provision
