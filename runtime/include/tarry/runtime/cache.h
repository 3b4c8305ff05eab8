#pragma once
/// A bounded map in memory, for plans and compiled kernels.

#include <tarry/runtime/fork.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <new>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tarry::runtime {

/// The weight of a cache's entries of which none takes much more memory than another.
struct AllAlike {
  template <class Key>
  size_t operator()(const Key&) const {
    return 1;
  }
};

/// From keys to shared values, for any number of threads. A look-up takes the key's hash and a predicate over stored
/// keys, so that nobody has to build a Key to ask for one; a hit is always verified by the predicate, never by the hash
/// alone. No lock is held while a predicate or a maker runs, or a value dies.
///
/// When what is kept weighs more than `capacity`, what was used longest ago is dropped, until an eighth is free or one
/// value is left; who holds one keeps it.
template <class Key, class Value, class Weight = AllAlike>
class Cache {
 public:
  using Pointer = std::shared_ptr<Value>;

  explicit Cache(size_t capacity) : capacity_(std::max<size_t>(capacity, 1)) {}

  /// The value whose key satisfies `equal`, or null. A value that is still being made is not waited for.
  template <class Equal>
  Pointer find(uint64_t hash, const Equal& equal) {
    const Search search = look_up(hash, equal);
    if (!search.entry) return nullptr;
    const std::lock_guard lock(mutex_);
    return search.entry->value;
  }

  /// The value whose key satisfies `equal`; else that of make(), kept under make_key(). Of several threads that ask for
  /// the same key at once one makes it and the others wait. When make throws, its caller gets the exception, nothing is
  /// kept, and one of those who wait tries in turn; likewise when it returns null. make must not ask this cache for
  /// the same key.
  template <class Equal, class MakeKey, class Make>
  Pointer find_or_make(uint64_t hash, const Equal& equal, const MakeKey& make_key, const Make& make) {
    EntryPointer fresh;
    for (;;) {
      const Search search = look_up(hash, equal);
      if (!search.entry) {
        if (!fresh) fresh = std::make_shared<Entry>(make_key());
        if (add(hash, fresh, search.changes)) return fill(hash, fresh, make);
      } else if (Pointer value = wait_for(hash, search.entry)) {
        return value;
      }
    }
  }

  size_t size() {
    const std::lock_guard lock(mutex_);
    return entries_.size();
  }

  void clear() {
    Entries dropped;
    const std::lock_guard lock(mutex_);
    dropped.swap(entries_);
    weight_ = 0;
    ++changes_;
    // What is being made goes on and reaches those who wait for it, but is not kept.
  }

 private:
  struct Entry {
    explicit Entry(Key k) : key(std::move(k)), weight(Weight()(key)) {}
    const Key key;
    const size_t weight;
    Pointer value;  // null while it is being made
    bool abandoned = false;
    const uint64_t generation = fork_generation();
    uint64_t last_used = 0;
  };
  using EntryPointer = std::shared_ptr<Entry>;
  using Entries = std::unordered_multimap<uint64_t, EntryPointer>;
  struct Search {
    EntryPointer entry;
    uint64_t changes;  // what the map's counter showed before the search
  };

  template <class Equal>
  Search look_up(uint64_t hash, const Equal& equal) {
    Search search{nullptr, 0};
    for (size_t n = 0;; ++n) {
      {
        const std::lock_guard lock(mutex_);
        if (n == 0) search.changes = changes_;
        auto [at, end] = entries_.equal_range(hash);
        for (size_t i = 0; i < n && at != end; ++i) ++at;
        if (at == end) return {nullptr, search.changes};
        search.entry = at->second;
        search.entry->last_used = ++clock_;
      }
      if (equal(search.entry->key)) return search;
    }
  }

  /// False when the map has changed since the search that missed: the key may be there now.
  bool add(uint64_t hash, const EntryPointer& entry, uint64_t changes) {
    const std::lock_guard lock(mutex_);
    if (changes_ != changes) return false;
    entry->last_used = ++clock_;
    entries_.emplace(hash, entry);
    weight_ += entry->weight;
    ++changes_;
    return true;
  }

  template <class Make>
  Pointer fill(uint64_t hash, const EntryPointer& entry, const Make& make) {
    Pointer value;
    try {
      value = make();
    } catch (...) {
      abandon(hash, entry);
      throw;
    }
    if (!value) {
      abandon(hash, entry);
      return nullptr;
    }
    std::vector<EntryPointer> dropped;  // dies after the lock is released
    const std::lock_guard lock(mutex_);
    entry->value = value;
    changed_.notify_all();
    try {
      dropped = shrink();
    } catch (const std::bad_alloc&) {
      // Too much is kept until there is memory.
    }
    return value;
  }

  void abandon(uint64_t hash, const EntryPointer& entry) {
    const std::lock_guard lock(mutex_);
    entry->abandoned = true;
    remove(hash, entry);
    changed_.notify_all();
  }

  /// The value, or null when its maker failed or was a thread of the process before a fork.
  Pointer wait_for(uint64_t hash, const EntryPointer& entry) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return entry->value || entry->abandoned || entry->generation != fork_generation(); });
    if (!entry->value) remove(hash, entry);
    return entry->value;
  }

  void remove(uint64_t hash, const EntryPointer& entry) {
    auto [at, end] = entries_.equal_range(hash);
    while (at != end && at->second != entry) ++at;
    if (at == end) return;
    take_out(at);
    ++changes_;
  }

  EntryPointer take_out(typename Entries::iterator at) {
    EntryPointer entry = std::move(at->second);
    weight_ -= entry->weight;
    entries_.erase(at);
    return entry;
  }

  /// Takes out what was used longest ago, when there is too much.
  std::vector<EntryPointer> shrink() {
    std::vector<EntryPointer> dropped;
    if (weight_ <= capacity_) return dropped;
    std::vector<typename Entries::iterator> made;
    for (auto it = entries_.begin(); it != entries_.end(); ++it)
      if (it->second->value) made.push_back(it);
    std::ranges::sort(made, {}, [](const auto& at) { return at->second->last_used; });
    dropped.reserve(made.size());
    for (size_t i = 0; i + 1 < made.size() && weight_ > capacity_ - capacity_ / 8; ++i)
      dropped.push_back(take_out(made[i]));
    ++changes_;
    return dropped;
  }

  const size_t capacity_;
  ForkMutex mutex_;
  ForkCondition changed_;
  Entries entries_;
  size_t weight_ = 0;  // of all entries
  uint64_t changes_ = 0, clock_ = 0;
};

}  // namespace tarry::runtime
