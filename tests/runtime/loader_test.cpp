#include <gtest/gtest.h>
#include <tarry/ir/error.h>
#include <tarry/runtime/loader.h>

#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "elf_link.h"
#include "elf_object.h"
#include "objects/aarch64_object.h"

namespace tarry::runtime {
namespace {

using Bytes = std::vector<std::byte>;

Bytes read_file(const char* path) {
  std::ifstream in(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  EXPECT_FALSE(text.empty()) << path;
  Bytes bytes(text.size());
  std::memcpy(bytes.data(), text.data(), text.size());
  return bytes;
}

Bytes sample() { return read_file(TARRY_SAMPLE_OBJECT); }

template <class F>
std::string message_of(const F& f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

/// Loads what may be malformed; only typed exceptions may come out.
bool loads(const Bytes& bytes) {
  try {
    load_object(bytes);
    return true;
  } catch (const Error&) {
    return false;
  }
}

#if defined(__x86_64__)

TEST(Loader, RunsCodeWithConstantsCallsAndJumpTables) {
  const auto object = load_object(sample());
  auto* polynomial = reinterpret_cast<double (*)(double)>(object->symbol("sample_polynomial"));
  auto* scale = reinterpret_cast<void (*)(const float*, float*)>(object->symbol("sample_scale"));
  auto* pick = reinterpret_cast<int (*)(int)>(object->symbol("sample_switch"));
  ASSERT_TRUE(polynomial && scale && pick);
  EXPECT_EQ(polynomial(2.0), 8 + 2 + 0.5 + 0.125 + 1e-3);
  const float in[8] = {1, 1, 1, 1, 2, 2, 2, 2};
  float out[8] = {};
  scale(in, out);
  EXPECT_EQ(std::vector<float>(out, out + 8), (std::vector<float>{1, 2, 3, 4, 10, 12, 14, 16}));
  std::vector<int> picked;
  for (int i = -1; i < 7; ++i) picked.push_back(pick(i));
  EXPECT_EQ(picked, (std::vector<int>{-1, 11, 23, 35, 47, 51, 62, -1}));
}

TEST(Loader, KnowsOnlyFunctionsThatAreVisible) {
  const auto object = load_object(sample());
  EXPECT_EQ(object->symbol("no_such_function"), nullptr);
  EXPECT_EQ(object->symbol(""), nullptr);
  EXPECT_EQ(object->symbol(".text"), nullptr);
}

/// The permissions of the mapping an address lies in, as /proc shows them.
std::string permissions(const void* address) {
  std::ifstream maps("/proc/self/maps");
  const auto wanted = reinterpret_cast<uintptr_t>(address);
  for (std::string line; std::getline(maps, line);) {
    uintptr_t begin = 0, end = 0;
    char mode[5] = {};
    if (std::sscanf(line.c_str(), "%lx-%lx %4s", &begin, &end, mode) == 3 && begin <= wanted && wanted < end)
      return mode;
  }
  return "";
}

TEST(Loader, CodeIsNeverWritable) {
  const auto object = load_object(sample());
  const void* code = object->symbol("sample_scale");
  EXPECT_EQ(permissions(code), "r-xp");
  const auto constants = reinterpret_cast<const char*>(reinterpret_cast<uintptr_t>(code) & ~uintptr_t{4095}) + 4096;
  EXPECT_EQ(permissions(constants), "r--p");
}

TEST(Loader, UnmapsWithTheLastOwner) {
  auto object = load_object(sample());
  const void* code = object->symbol("sample_scale");
  auto other = object;
  object.reset();
  EXPECT_EQ(permissions(code), "r-xp");
  other.reset();
  EXPECT_NE(permissions(code), "r-xp");
}

TEST(Loader, NamesTheOutsideSymbol) {
  const Bytes bytes = read_file(TARRY_OUTSIDE_OBJECT);
  EXPECT_NE(message_of([&] { load_object(bytes); }).find("'somebody_else'"), std::string::npos);
}

TEST(Loader, RefusesWritableData) {
  const Bytes bytes = read_file(TARRY_WRITABLE_OBJECT);
  EXPECT_NE(message_of([&] { load_object(bytes); }).find("is writable"), std::string::npos);
}

TEST(Loader, RefusesCodeOfAnotherProcessor) {
  const auto bytes = std::as_bytes(std::span(kAarch64Object));
  EXPECT_NE(message_of([&] { load_object(bytes); }).find("another processor"), std::string::npos);
}

#endif

TEST(Loader, RefusesWhatIsNotAnObject) {
  EXPECT_FALSE(loads({}));
  EXPECT_FALSE(loads(Bytes(64)));
  Bytes executable = sample();
  executable[16] = std::byte{2};
  EXPECT_NE(message_of([&] { load_object(executable); }).find("not a relocatable object"), std::string::npos);
}

// Whether memory is read out of bounds shows under the address sanitizer, and in part as a crash without it: each
// copy ends where its heap block ends.
TEST(LoaderMalformed, TruncatedAnywhere) {
  const Bytes whole = sample();
  for (size_t size = 0; size < whole.size(); ++size) {
    const Bytes part(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size));
    // The table of sections ends the file in what compilers write, so no proper prefix is complete.
    EXPECT_FALSE(loads(part)) << size;
  }
}

TEST(LoaderMalformed, EveryByteChanged) {
  const Bytes whole = sample();
  size_t refused = 0;
  for (size_t at = 0; at < whole.size(); ++at) {
    for (const int change : {0x01, 0x80, 0xFF, 0x7F}) {
      Bytes bytes = whole;
      bytes[at] ^= std::byte(change);
      refused += !loads(bytes);
    }
  }
  EXPECT_GT(refused, 500u);
}

TEST(LoaderMalformed, ExtremeWordsAnywhere) {
  const Bytes whole = sample();
  for (const uint64_t word : {~uint64_t{0}, uint64_t{1} << 63, (uint64_t{1} << 63) - 1, uint64_t{0xFFFFFFFF},
                              ~uint64_t{0} - 63, uint64_t{whole.size()}, uint64_t{whole.size()} - 1, uint64_t{0}}) {
    for (size_t at = 0; at + 8 <= whole.size(); at += 4) {
      Bytes bytes = whole;
      std::memcpy(bytes.data() + at, &word, sizeof word);
      loads(bytes);
    }
  }
}

TEST(LoaderMalformed, ManyRandomChanges) {
  const Bytes whole = sample();
  std::mt19937_64 random(20240229);
  for (int round = 0; round < 20000; ++round) {
    Bytes bytes = whole;
    for (uint64_t n = random() % 8 + 1; n > 0; --n) bytes[random() % bytes.size()] = std::byte(random());
    loads(bytes);
  }
}

// The decoding below follows the Arm manual's instruction fields, so that it is independent of the code under test.
class Aarch64Image : public testing::Test {
 protected:
  static constexpr uint64_t kAddress = 0x7f12'3456'7000;
  void SetUp() override {
    object_ = read_elf_object(std::as_bytes(std::span(kAarch64Object)));
    layout_ = lay_out(object_, 4096);
    image_.resize(layout_.size);
    link_elf_object(object_, layout_, image_, kAddress);
    for (const ElfSymbol& symbol : object_.symbols)
      if (symbol.name == "callee") callee_ = layout_.offsets[symbol.section] + symbol.value;
    table_ = layout_.code_size + 32;
  }
  uint32_t instruction(size_t index) const {
    uint32_t word;
    std::memcpy(&word, image_.data() + 4 * index, 4);
    return word;
  }
  uint64_t immediate12(size_t index, int scale) const { return uint64_t{instruction(index) >> 10 & 0xFFF} << scale; }

  ElfObject object_;
  ElfLayout layout_;
  Bytes image_;
  uint64_t callee_ = 0, table_ = 0;
};

TEST_F(Aarch64Image, PageAddressAndOffsetsReachTheTable) {
  const uint32_t adrp = instruction(0);
  EXPECT_EQ(adrp & 0x9F00001F, 0x90000000u);
  const uint64_t pages = uint64_t{adrp >> 5 & 0x7FFFF} << 2 | (adrp >> 29 & 3);
  const uint64_t page = kAddress + (pages << 12);
  EXPECT_EQ(page + immediate12(1, 0), kAddress + table_);
  EXPECT_EQ(page + immediate12(2, 4), kAddress + table_);
  EXPECT_EQ(page + immediate12(3, 3), kAddress + table_ + 16);
  EXPECT_EQ(page + immediate12(4, 2), kAddress + table_ + 24);
  EXPECT_EQ(page + immediate12(5, 1), kAddress + table_ + 28);
  EXPECT_EQ(page + immediate12(6, 0), kAddress + table_ + 31);
  EXPECT_EQ(instruction(1) & 0xFFC003FF, 0x91000000u);  // add x0, x0
}

TEST_F(Aarch64Image, BranchesReachTheirTarget) {
  for (const size_t index : {7, 8}) {
    const uint32_t word = instruction(index);
    const int64_t words = static_cast<int32_t>(word << 6) >> 6;
    EXPECT_EQ(4 * static_cast<int64_t>(index) + 4 * words, static_cast<int64_t>(callee_));
    EXPECT_EQ(word >> 26, index == 7 ? 0x25u : 0x05u);
  }
}

TEST_F(Aarch64Image, DistancesInData) {
  int32_t near = 0;
  int64_t far = 0;
  std::memcpy(&near, image_.data() + table_ + 32, 4);
  std::memcpy(&far, image_.data() + table_ + 36, 8);
  EXPECT_EQ(static_cast<int64_t>(table_) + 32 + near, static_cast<int64_t>(callee_));
  EXPECT_EQ(static_cast<int64_t>(table_) + 36 + far, static_cast<int64_t>(callee_));
}

TEST_F(Aarch64Image, EveryByteChanged) {
  Bytes bytes(sizeof kAarch64Object);
  for (size_t at = 0; at < bytes.size(); ++at) {
    for (const int change : {0x01, 0x80, 0xFF}) {
      std::memcpy(bytes.data(), kAarch64Object, bytes.size());
      bytes[at] ^= std::byte(change);
      try {
        const ElfObject object = read_elf_object(bytes);
        const ElfLayout layout = lay_out(object, 4096);
        Bytes image(layout.size);
        link_elf_object(object, layout, image, kAddress);
      } catch (const Error&) {
      }
    }
  }
}

ElfObject far_object(size_t distance) {
  static const std::vector<std::byte> code(8), constants(ElfLayout::kMostImage / 2);
  ElfObject object;
  object.sections = {{".text", code, 4, true}, {".rodata", constants, 1, false}};
  object.symbols = {{"constant", 1, 0, false}};
  object.relocations = {{0, 0, R_X86_64_PC32, 0, static_cast<int64_t>(distance)}};
  return object;
}

TEST(LoaderMalformed, RefusesARelocationThatDoesNotReach) {
  ElfObject object = far_object(0);
  const ElfLayout layout = lay_out(object, 4096);
  Bytes image(layout.size);
  EXPECT_NO_THROW(link_elf_object(object, layout, image, 0x1000));
  object = far_object(size_t{1} << 31);
  EXPECT_THROW(link_elf_object(object, layout, image, 0x1000), Error);
}

TEST(LoaderMalformed, RefusesAPatchAcrossTheEndOfItsSection) {
  ElfObject object = far_object(0);
  const ElfLayout layout = lay_out(object, 4096);
  Bytes image(layout.size);
  object.relocations[0].offset = 5;
  EXPECT_THROW(link_elf_object(object, layout, image, 0x1000), Error);
}

TEST(LoaderMalformed, RefusesAnImageThatIsTooLarge) {
  ElfObject object = far_object(0);
  for (int i = 0; i < 3; ++i) object.sections.push_back(object.sections[1]);
  EXPECT_THROW(lay_out(object, 4096), Error);
}

}  // namespace
}  // namespace tarry::runtime
