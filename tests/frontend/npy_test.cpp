// .npy files against those that NumPy wrote (tests/data/npy), and against damage.
#include <gtest/gtest.h>
#include <tarry/ir/error.h>
#include <tarry/ir/half.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>

#include "npy.h"

namespace {

using namespace tarry;
using frontend::NpyArray;
using ir::DType;
namespace fs = std::filesystem;

const fs::path kData = TARRY_TEST_DATA "/npy";

std::string slurp(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// A file that disappears with the test.
struct Scratch {
  fs::path path = fs::temp_directory_path() / ("tarry_npy_" + std::to_string(getpid()) + "_" + unique());
  Scratch() = default;
  explicit Scratch(const std::string& content) { std::ofstream(path, std::ios::binary) << content; }
  ~Scratch() { fs::remove(path); }
  static std::string unique() {
    static int n = 0;
    return std::to_string(n++) + ".npy";
  }
};

double value_at(const NpyArray& a, int64_t i) {
  const char* p = static_cast<const char*>(a.buffer.data()) + i * ir::size_of(a.dtype);
  auto as = [p]<class T>(T v) {
    std::memcpy(&v, p, sizeof v);
    return v;
  };
  switch (a.dtype) {
    case DType::bool_:
    case DType::uint8: return as(uint8_t{});
    case DType::int8: return as(int8_t{});
    case DType::int16: return as(int16_t{});
    case DType::uint16: return as(uint16_t{});
    case DType::int32: return as(int32_t{});
    case DType::uint32: return as(uint32_t{});
    case DType::int64: return static_cast<double>(as(int64_t{}));
    case DType::uint64: return static_cast<double>(as(uint64_t{}));
    case DType::float16: return ir::from_float16(as(uint16_t{}));
    case DType::bfloat16: return ir::from_bfloat16(as(uint16_t{}));
    case DType::complex64:
    case DType::float32: return as(float{});
    default: return as(double{});
  }
}

/// The imaginary part of a complex element.
double imag_at(const NpyArray& a, int64_t i) {
  const char* p =
      static_cast<const char*>(a.buffer.data()) + i * ir::size_of(a.dtype) + ir::size_of(ir::part_of(a.dtype));
  if (a.dtype == DType::complex128) return *reinterpret_cast<const double*>(p);
  return *reinterpret_cast<const float*>(p);
}

TEST(Npy, ReadsEveryFormNumPyWrites) {
  int files = 0;
  for (const auto& entry : fs::directory_iterator(kData)) {
    std::string name = entry.path().stem();
    if (name.rfind("shape_", 0) == 0) continue;
    ++files;
    NpyArray a = frontend::read_npy(entry.path());
    EXPECT_EQ(ir::info(a.dtype).name, name.substr(0, name.find('_'))) << name;
    EXPECT_EQ(a.shape, (ir::Shape{2, 3})) << name;
    EXPECT_EQ(a.fortran, name.find("fortran") != std::string::npos) << name;
    for (int64_t i = 0; i < 2; ++i)
      for (int64_t j = 0; j < 3; ++j) {
        double expected = static_cast<double>(3 * i + j);
        if (a.dtype == DType::bool_) expected = static_cast<int>(expected) % 2;
        const int64_t place = a.fortran ? i + 2 * j : 3 * i + j;
        EXPECT_EQ(value_at(a, place), expected) << name;
        if (ir::is_complex(a.dtype)) {
          EXPECT_EQ(imag_at(a, place), static_cast<double>(3 * (1 - i) + j)) << name;
        }
      }
  }
  EXPECT_EQ(files, 15 * 2 + 11 + 2);
}

TEST(Npy, WritesTheBytesNumPyWrites) {
  int files = 0;
  for (const auto& entry : fs::directory_iterator(kData)) {
    std::string name = entry.path().stem();
    if (name.find("_big") != std::string::npos || name.find("_v") != std::string::npos) continue;
    ++files;
    NpyArray a = frontend::read_npy(entry.path());
    Scratch copy;
    frontend::write_npy(copy.path, a.dtype, a.shape, a.buffer.data(), a.fortran);
    EXPECT_EQ(slurp(copy.path), slurp(entry.path())) << name;
  }
  EXPECT_EQ(files, 15 * 2 + 8);
}

TEST(Npy, LeavesWhatFollowsTheArrayAlone) {
  Scratch file(slurp(kData / "int32_plain.npy") + "more");
  EXPECT_EQ(frontend::read_npy(file.path).shape, (ir::Shape{2, 3}));
}

TEST(Npy, ReadsBoolsThatAreNotZeroOrOneAsTrue) {
  std::string bytes = slurp(kData / "bool_plain.npy");
  bytes.back() = 7;
  Scratch file(bytes);
  NpyArray a = frontend::read_npy(file.path);
  EXPECT_EQ(static_cast<const char*>(a.buffer.data())[5], 1);
}

/// A version 1 file with this header and `elements` zero bytes.
std::string file_with(const std::string& header, size_t elements = 1024) {
  std::string bytes("\x93NUMPY\x01\x00", 8);
  bytes += static_cast<char>(header.size() & 255);
  bytes += static_cast<char>(header.size() >> 8);
  return bytes + header + std::string(elements, '\0');
}

TEST(Npy, AcceptsHeadersOfOtherWriters) {
  for (const char* header : {
           "{'descr': '<i4', 'fortran_order': False, 'shape': (2, 3), }\n",
           "{'shape':(2L,3L),'fortran_order':False,'descr':'<i4'}",
           "{\"descr\": \"=i4\", \"fortran_order\": False, \"shape\": (2, 3,)}   ",
       }) {
    Scratch file(file_with(header));
    NpyArray a = frontend::read_npy(file.path);
    EXPECT_EQ(a.dtype, DType::int32) << header;
    EXPECT_EQ(a.shape, (ir::Shape{2, 3})) << header;
  }
}

std::string error_of(const fs::path& path) {
  try {
    frontend::read_npy(path);
  } catch (const IOError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Npy, SaysWhatIsWrongWithAHeader) {
  const std::pair<const char*, const char*> table[] = {
      {"", "lacks '{'"},
      {"{'descr': '<i4', 'fortran_order': False}", "lacks the key 'shape'"},
      {"{'descr': '<i4', 'shape': (2,)}", "lacks the key 'fortran_order'"},
      {"{'fortran_order': False, 'shape': (2,)}", "lacks the key 'descr'"},
      {"{'descr': '<i4', 'descr': '<i4', 'fortran_order': False, 'shape': (2,)}", "the key 'descr' twice"},
      {"{'descr': '<i4', 'fortran_order': False, 'shape': (2,), 'x': 1}", "unknown key 'x'"},
      {"{'descr': '<i4', 'fortran_order': 0, 'shape': (2,)}", "neither True nor False"},
      {"{'descr': '<i4', 'fortran_order': False, 'shape': (2)}", "not a tuple"},
      {"{'descr': '<i4', 'fortran_order': False, 'shape': (2 3)}", "lacks ','"},
      {"{'descr': '<i4', 'fortran_order': False, 'shape': [2]}", "lacks '('"},
      {"{'descr': '<i4', 'fortran_order': False, 'shape': (-1,)}", "negative extent -1"},
      {"{'descr': '<i4', 'fortran_order': False, 'shape': (99999999999999999999,)}", "past the range of int64"},
      {"{'descr': '<i4', 'fortran_order': False, 'shape': (4000000000, 4000000000)}", "too big"},
      {"{'descr': '<i8', 'fortran_order': False, 'shape': (4000000000, 2000000000)}", "too big"},
      {"{'descr': '<i4', 'fortran_order': False, 'shape': (1000, 1000)}",
       "asks for 4000000 bytes of elements, the file"},
      {"{'descr': '<i3', 'fortran_order': False, 'shape': (2,)}", "dtype '<i3', which is not supported"},
      {"{'descr': '|O', 'fortran_order': False, 'shape': (2,)}", "dtype '|O', which is not supported"},
      {"{'descr': '<U4', 'fortran_order': False, 'shape': (2,)}", "dtype '<U4', which is not supported"},
      {"{'descr': '', 'fortran_order': False, 'shape': (2,)}", "dtype '', which is not supported"},
      {"{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (2,)}", "records"},
      {"{'descr': '<i4", "a string without an end"},
      {"{'descr': '<i4', 'fortran_order': False, 'shape': (2,", "lacks an extent"},
      {"{'descr': '<i4', 'fortran_order': False, 'shape': (2,)} 1", "goes on after its end"},
  };
  for (auto [header, words] : table) {
    Scratch file(file_with(header));
    std::string error = error_of(file.path);
    EXPECT_NE(error.find(words), std::string::npos) << header << "\n" << error;
    EXPECT_NE(error.find(file.path.string()), std::string::npos) << error;
  }
}

TEST(Npy, SaysWhatIsWrongWithAFile) {
  EXPECT_NE(error_of("/nowhere/x.npy").find("'/nowhere/x.npy': No such file"), std::string::npos);
  EXPECT_NE(error_of(fs::temp_directory_path()).find("it is a directory"), std::string::npos);
  EXPECT_NE(error_of(Scratch("PK\3\4 something else").path).find("not a .npy"), std::string::npos);
  EXPECT_NE(error_of(Scratch(std::string("\x93NUMPY\x04\x00\x10\x00", 10)).path).find("version 4.0"),
            std::string::npos);
  Scratch huge(std::string("\x93NUMPY\x02\x00\xff\xff\xff\xff", 12));
  EXPECT_NE(error_of(huge.path).find("header of 4294967295 bytes is too long"), std::string::npos);
  EXPECT_NE(error_of(std::string("a\0b", 3)).find("NUL"), std::string::npos);
}

TEST(Npy, EveryTruncationIsAnError) {
  std::string whole = slurp(kData / "float64_plain.npy");
  for (size_t length = 0; length < whole.size(); ++length) {
    Scratch file(whole.substr(0, length));
    EXPECT_NE(error_of(file.path), "no error") << length;
  }
}

TEST(Npy, NoDamageIsWorseThanAnError) {
  std::mt19937 random(1);
  for (int round = 0; round < 3000; ++round) {
    std::string bytes = slurp(kData / (round % 2 ? "int16_big.npy" : "float32_fortran.npy"));
    for (int hits = 1 + random() % 4; hits > 0; --hits) {
      size_t at = random() % bytes.size();
      switch (random() % 3) {
        case 0: bytes[at] = static_cast<char>(random()); break;
        case 1: bytes.erase(at, 1); break;
        case 2: bytes.insert(at, 1, "0123456789'{}(),:L<>ifu"[random() % 23]); break;
      }
    }
    Scratch file(bytes);
    try {
      NpyArray a = frontend::read_npy(file.path);
      EXPECT_LE(ir::num_elements(a.shape) * ir::size_of(a.dtype), bytes.size());
    } catch (const IOError&) {
    }
  }
}

TEST(Npy, AFailedWriteIsAnError) {
  int32_t value = 1;
  EXPECT_THROW(frontend::write_npy("/nowhere/x.npy", DType::int32, ir::Shape{1}, &value), IOError);
  if (fs::exists("/dev/full")) {
    EXPECT_THROW(frontend::write_npy("/dev/full", DType::int32, ir::Shape{1}, &value), IOError);
  }
}

}  // namespace
