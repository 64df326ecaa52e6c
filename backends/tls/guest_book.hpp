#pragma once

#include <algorithm>
#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <utility>

namespace provision {

/// Those at a door who have not shown yet who they are, a few at most. Whoever
/// comes is let in; one more than there is room for costs another his place:
/// the one who waits longest of the address that has most of them. So neither
/// many from one place nor silent ones keep out a daemon, which needs a moment
/// alone.
template <class Guest>
class guest_book {
public:
  explicit guest_book(std::size_t room) : room_{room} {}

  std::size_t size() const noexcept { return entries_.size(); }

  /// Who has to go for him; null: nobody.
  std::shared_ptr<Guest> enter(std::string address,
                               std::shared_ptr<Guest> guest) {
    entries_.push_back({std::move(address), std::move(guest)});
    if (entries_.size() <= room_)
      return nullptr;
    // The first of the equal ones: it waits longest.
    const auto worst = std::ranges::max_element(
      entries_, {}, [this](const entry& one) { return share(one.address); });
    auto leaves = std::move(worst->guest);
    entries_.erase(worst);
    return leaves;
  }

  /// False: he is none of them.
  bool leave(const std::shared_ptr<Guest>& guest) {
    return std::erase_if(entries_,
                         [&](const entry& one) { return one.guest == guest; })
           > 0;
  }

private:
  struct entry {
    std::string address = {};
    std::shared_ptr<Guest> guest = {};
  };

  std::ptrdiff_t share(const std::string& address) const {
    return std::ranges::count(entries_, address, &entry::address);
  }

  std::size_t room_;
  /// In the order in which they came.
  std::list<entry> entries_ = {};
};

} // namespace provision
