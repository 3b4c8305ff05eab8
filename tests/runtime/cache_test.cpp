#include "../operator_new.h"

#include <gtest/gtest.h>
#include <tarry/runtime/cache.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

thread_local bool refuses_memory = false;

bool is_refused() { return refuses_memory; }

}  // namespace

namespace tarry::runtime {
namespace {

using Words = Cache<std::string, std::string>;

/// Hashes by length, so that words of one length collide.
std::shared_ptr<std::string> find(Words& words, const std::string& key) {
  return words.find(key.size(), [&](const std::string& k) { return k == key; });
}
template <class Make>
std::shared_ptr<std::string> get(Words& words, const std::string& key, const Make& make) {
  return words.find_or_make(
      key.size(), [&](const std::string& k) { return k == key; }, [&] { return key; }, make);
}
std::shared_ptr<std::string> put(Words& words, const std::string& key) {
  return get(words, key, [&] { return std::make_shared<std::string>(key + "!"); });
}

TEST(Cache, KeepsWhatWasMade) {
  Words words(10);
  EXPECT_EQ(find(words, "one"), nullptr);
  const auto made = put(words, "one");
  EXPECT_EQ(*made, "one!");
  EXPECT_EQ(find(words, "one"), made);
  EXPECT_EQ(get(words, "one", []() -> std::shared_ptr<std::string> { throw 1; }), made);
  EXPECT_EQ(words.size(), 1u);
}

TEST(Cache, AHashAloneIsNoHit) {
  Words words(10);
  put(words, "one");
  EXPECT_EQ(find(words, "two"), nullptr);
  EXPECT_EQ(*put(words, "two"), "two!");
  EXPECT_EQ(*put(words, "six"), "six!");
  for (const char* key : {"one", "two", "six"}) EXPECT_EQ(*find(words, key), std::string(key) + "!");
  EXPECT_EQ(words.size(), 3u);
}

TEST(Cache, DropsWhatWasUsedLongestAgo) {
  Words words(16);
  for (int i = 0; i < 16; ++i) put(words, std::string(static_cast<size_t>(i), 'x'));
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(find(words, std::string(static_cast<size_t>(i), 'x')));
  const auto held = find(words, "xxxx");
  for (int i = 16; i < 22; ++i) put(words, std::string(static_cast<size_t>(i), 'x'));
  EXPECT_LE(words.size(), 16u);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(find(words, std::string(static_cast<size_t>(i), 'x'))) << i;
  EXPECT_FALSE(find(words, "xxxxx"));
  EXPECT_EQ(*held, "xxxx!");
}

TEST(Cache, NeverHoldsMoreThanItsCapacity) {
  for (const size_t capacity : {0, 1, 2, 7}) {
    Words words(capacity);
    for (int i = 0; i < 50; ++i) {
      put(words, std::string(static_cast<size_t>(i), 'y'));
      EXPECT_LE(words.size(), std::max<size_t>(capacity, 1));
      EXPECT_TRUE(find(words, std::string(static_cast<size_t>(i), 'y')));
    }
  }
}

struct Letters {
  size_t operator()(const std::string& word) const { return word.size(); }
};

TEST(Cache, WhatIsHeavyLeavesRoomForFewOthers) {
  Cache<std::string, int, Letters> words(80);
  const std::hash<std::string> hash;
  const auto has = [&](const std::string& key) {
    return words.find(hash(key), [&](const std::string& k) { return k == key; }) != nullptr;
  };
  const auto put_one = [&](const std::string& key) {
    words.find_or_make(
        hash(key), [&](const std::string& k) { return k == key; }, [&] { return key; },
        [] { return std::make_shared<int>(0); });
  };
  for (char c = 'a'; c < 'a' + 8; ++c) put_one(std::string(10, c));
  EXPECT_EQ(words.size(), 8u);
  EXPECT_TRUE(has(std::string(10, 'a')));
  put_one(std::string(30, 'h'));  // 110: 40 go, so that an eighth of 80 is free
  EXPECT_EQ(words.size(), 5u);
  EXPECT_TRUE(has(std::string(10, 'a')));
  for (const char gone : {'b', 'c', 'd', 'e'}) EXPECT_FALSE(has(std::string(10, gone))) << gone;
  put_one(std::string(1000, 'z'));  // more than all may weigh
  EXPECT_EQ(words.size(), 1u);
  EXPECT_TRUE(has(std::string(1000, 'z')));
  words.clear();
  for (char c = 'a'; c < 'a' + 8; ++c) put_one(std::string(10, c));
  EXPECT_EQ(words.size(), 8u);
}

TEST(Cache, AFailureIsTheCallersAndLeavesNothing) {
  Words words(10);
  EXPECT_THROW(get(words, "one", []() -> std::shared_ptr<std::string> { throw std::runtime_error("no"); }),
               std::runtime_error);
  EXPECT_EQ(words.size(), 0u);
  EXPECT_EQ(get(words, "one", []() -> std::shared_ptr<std::string> { return nullptr; }), nullptr);
  EXPECT_EQ(words.size(), 0u);
  EXPECT_EQ(*put(words, "one"), "one!");
}

TEST(Cache, WithoutMemoryToDropOthersWhatWasMadeIsStillGiven) {
  Words words(2);
  put(words, "a");
  put(words, "bb");
  const auto made = get(words, "ccc", [] {
    auto value = std::make_shared<std::string>("3");
    refuses_memory = true;
    return value;
  });
  refuses_memory = false;
  ASSERT_TRUE(made);
  EXPECT_EQ(find(words, "ccc"), made);
  put(words, "dddd");
  EXPECT_LE(words.size(), 2u);
}

TEST(Cache, ClearDropsAllButWhatIsHeld) {
  Words words(10);
  std::weak_ptr<std::string> gone = put(words, "one");
  const auto held = put(words, "two");
  words.clear();
  EXPECT_EQ(words.size(), 0u);
  EXPECT_TRUE(gone.expired());
  EXPECT_EQ(*held, "two!");
  EXPECT_EQ(*put(words, "one"), "one!");
}

TEST(Cache, OneOfManyThreadsMakes) {
  for (int round = 0; round < 20; ++round) {
    Words words(10);
    std::atomic<int> made{0};
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 6; ++t) {
      threads.emplace_back([&] {
        const auto value = get(words, "one", [&] {
          ++made;
          std::this_thread::sleep_for(std::chrono::milliseconds(2));
          return std::make_shared<std::string>("1");
        });
        wrong += !value || *value != "1";
      });
    }
    for (auto& t : threads) t.join();
    EXPECT_EQ(made, 1);
    EXPECT_EQ(wrong, 0);
  }
}

TEST(Cache, WhenTheMakerFailsAnotherTries) {
  Words words(10);
  std::atomic<int> tries{0}, failures{0}, values{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 6; ++t) {
    threads.emplace_back([&] {
      try {
        get(words, "one", [&] {
          const int mine = ++tries;
          std::this_thread::sleep_for(std::chrono::milliseconds(2));
          if (mine <= 3) throw std::runtime_error("not yet");
          return std::make_shared<std::string>("1");
        });
        ++values;
      } catch (const std::runtime_error&) {
        ++failures;
      }
    });
  }
  for (auto& t : threads) t.join();
  EXPECT_EQ(failures, 3);
  EXPECT_EQ(values, 3);
  EXPECT_EQ(tries, 4);
}

TEST(Cache, ManyThreadsAndKeys) {
  Words words(20);
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 3000; ++i) {
        const std::string key = std::to_string((i * 7 + t * 13) % 60);
        const auto value = put(words, key);
        wrong += !value || *value != key + "!";
        if (i % 500 == 0) words.clear();
      }
    });
  }
  for (auto& t : threads) t.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_LE(words.size(), 20u);
}

}  // namespace
}  // namespace tarry::runtime
