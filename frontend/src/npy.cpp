#include "npy.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <tarry/ir/error.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace tarry::frontend {

using ir::DType;

namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr uint64_t kLongestHeader = 1 << 20;

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

File open_file(const std::string& path, const char* mode, const char* verb) {
  // A path with a NUL inside would silently name another file.
  if (path.find('\0') != std::string::npos) throw IOError(std::string("cannot ") + verb + ": the path holds a NUL");
  File file(std::fopen(path.c_str(), mode));
  if (!file) throw IOError(std::string("cannot ") + verb + " '" + path + "': " + std::strerror(errno));
  return file;
}

/// Reads a file from its start to wherever the array ends.
class Reader {
 public:
  explicit Reader(const std::string& path) : path_(path), file_(open_file(path, "rb", "read")) {
    struct stat status;
    if (fstat(fileno(file_.get()), &status) == 0) {
      if (S_ISDIR(status.st_mode)) fail("it is a directory");
      regular_ = S_ISREG(status.st_mode);
      size_ = status.st_size;
    }
  }

  /// Of a file in memory.
  Reader(std::string_view content, const std::string& name)
      : path_(name), content_(content), regular_(true), size_(content.size()) {}

  [[noreturn]] void fail(const std::string& what) const { throw IOError("cannot read '" + path_ + "': " + what); }

  /// Fills `out`, or throws saying that the file ends inside `what`.
  void read(void* out, size_t bytes, const char* what) {
    size_t got = 0;
    if (file_) {
      got = bytes ? std::fread(out, 1, bytes, file_.get()) : 0;
    } else if (bytes) {
      got = std::min<size_t>(bytes, content_.size() - at_);
      std::memcpy(out, content_.data() + at_, got);
    }
    at_ += got;
    if (got == bytes) return;
    if (file_ && std::ferror(file_.get())) fail(std::strerror(errno));
    fail("the file ends after " + std::to_string(at_) + " bytes, within its " + what);
  }

  uint64_t little_endian(int bytes) {
    unsigned char raw[4];
    read(raw, bytes, "header length");
    uint64_t value = 0;
    for (int i = bytes; i-- > 0;) value = value << 8 | raw[i];
    return value;
  }

  uint64_t position() const { return at_; }
  uint64_t size() const { return size_; }
  bool mappable() const { return regular_ && file_; }
  int descriptor() const { return fileno(file_.get()); }

  /// Checks before anything is allocated; only a regular file tells its size.
  void expect_data(uint64_t bytes) const {
    if (regular_ && bytes > size_ - std::min(size_, at_))
      fail("the header asks for " + std::to_string(bytes) + " bytes of elements, the file holds " +
           std::to_string(size_ - std::min(size_, at_)));
  }

 private:
  std::string path_;
  File file_;
  std::string_view content_;
  bool regular_ = false;
  uint64_t size_ = 0, at_ = 0;
};

std::string read_header_text(Reader& in) {
  char magic[8];
  in.read(magic, sizeof magic, "first 8 bytes");
  if (std::string_view(magic, kMagic.size()) != kMagic) in.fail("it is not a .npy file");
  int major = static_cast<unsigned char>(magic[6]), minor = static_cast<unsigned char>(magic[7]);
  if (major < 1 || major > 3 || minor != 0)
    in.fail("it has version " + std::to_string(major) + "." + std::to_string(minor) +
            " of the .npy format; 1.0 to 3.0 are supported");
  uint64_t length = in.little_endian(major == 1 ? 2 : 4);
  if (length > kLongestHeader) in.fail("its header of " + std::to_string(length) + " bytes is too long");
  std::string text(length, '\0');
  in.read(text.data(), length, "header");
  return text;
}

template <class Word>
void swap_words(void* data, int64_t count) {
  auto* bytes = static_cast<unsigned char*>(data);
  for (int64_t i = 0; i < count; ++i, bytes += sizeof(Word)) std::reverse(bytes, bytes + sizeof(Word));
}

void to_native(const NpyHeader& header, void* data, int64_t count) {
  if (header.swapped) {
    // The parts of a complex number are swapped each for itself.
    if (ir::is_complex(header.dtype)) count *= 2;
    switch (ir::size_of(ir::part_of(header.dtype))) {
      case 2: swap_words<uint16_t>(data, count); break;
      case 4: swap_words<uint32_t>(data, count); break;
      case 8: swap_words<uint64_t>(data, count); break;
    }
  }
  // A bool is 0 or 1 for everything that computes with it.
  if (header.dtype == DType::bool_) {
    auto* bytes = static_cast<unsigned char*>(data);
    for (int64_t i = 0; i < count; ++i) bytes[i] = bytes[i] != 0;
  }
}

std::string descr(DType dtype) {
  constexpr bool little = std::endian::native == std::endian::little;
  if (dtype == DType::bfloat16) return "<V2";
  std::string text = ir::size_of(dtype) == 1 ? "|" : little ? "<" : ">";
  text += "biufc"[static_cast<int>(ir::kind_of(dtype))];
  return text + std::to_string(ir::size_of(dtype));
}

/// NumPy leaves room for the first extent (the last, in Fortran order) to grow in place, and ends the header at a
/// multiple of 64 bytes.
std::string header_text(DType dtype, std::span<const int64_t> shape, bool fortran) {
  constexpr size_t kDigitsToGrow = 21, kAlign = 64, kPrefix = kMagic.size() + 4;
  std::string text = "{'descr': '" + descr(dtype) + "', 'fortran_order': " + (fortran ? "True" : "False") +
                     ", 'shape': " + ir::tuple_text(shape) + ", }";
  if (!shape.empty()) {
    std::string growing = std::to_string(fortran ? shape.back() : shape.front());
    text.append(kDigitsToGrow - growing.size(), ' ');
  }
  text.append(kAlign - (kPrefix + text.size() + 1) % kAlign, ' ');
  text += '\n';
  std::string bytes(kMagic);
  bytes += {1, 0, static_cast<char>(text.size() & 255), static_cast<char>(text.size() >> 8)};
  return bytes + text;
}

/// What the header says, checked against the file.
struct Announced {
  NpyHeader header;
  int64_t count = 0, bytes = 0;
};

Announced announced(Reader& in, const std::string& path) {
  NpyHeader header = parse_npy_header(read_header_text(in), path);
  int64_t count = 0, bytes = 0;
  try {
    count = ir::num_elements(header.shape);
  } catch (const ValueError& error) {
    in.fail(error.what());
  }
  if (__builtin_mul_overflow(count, static_cast<int64_t>(ir::size_of(header.dtype)), &bytes))
    in.fail("an array of shape " + ir::tuple_text(header.shape) + " is too big");
  in.expect_data(bytes);
  return {std::move(header), count, bytes};
}

NpyArray read_elements(Reader& in, const Announced& a) {
  NpyArray array{a.header.dtype, a.header.shape, a.header.fortran, runtime::Buffer::allocate(a.bytes)};
  in.read(array.buffer.data(), a.bytes, "elements");
  to_native(a.header, array.buffer.data(), a.count);
  return array;
}

/// The file as a whole. For what writes go to, the file is opened anew.
runtime::Buffer map_file(const Reader& in, const std::string& path, const Announced& a, MapMode mode) {
  const bool through = mode == MapMode::write_through;
  const File writable = through ? open_file(path, "r+b", "write") : nullptr;
  const int protection = mode == MapMode::read_only ? PROT_READ : PROT_READ | PROT_WRITE;
  void* memory = mmap(nullptr, in.size(), protection, through ? MAP_SHARED : MAP_PRIVATE,
                      through ? fileno(writable.get()) : in.descriptor(), 0);
  if (memory == MAP_FAILED) in.fail(std::string("it cannot be mapped: ") + std::strerror(errno));
  try {
    return runtime::Buffer::mapped(memory, in.size(), in.position(), a.bytes);
  } catch (...) {
    munmap(memory, in.size());
    throw;
  }
}

/// Bools of a file may be any byte.
bool holds_only_bools(const NpyArray& array) {
  const auto* bytes = static_cast<const unsigned char*>(array.buffer.data());
  return array.dtype != DType::bool_ ||
         std::all_of(bytes, bytes + array.buffer.bytes(), [](unsigned char b) { return b <= 1; });
}

}  // namespace

NpyArray read_npy(const std::string& path) {
  Reader in(path);
  return read_elements(in, announced(in, path));
}

NpyArray map_npy(const std::string& path, MapMode mode) {
  Reader in(path);
  const Announced a = announced(in, path);
  if (in.mappable() && !a.header.swapped && in.position() % ir::size_of(a.header.dtype) == 0) {
    NpyArray array{a.header.dtype, a.header.shape, a.header.fortran, map_file(in, path, a, mode)};
    if (holds_only_bools(array)) return array;
  }
  if (mode == MapMode::write_through)
    throw ValueError("cannot map '" + path + "' for writing: its elements do not lie there as this machine holds them");
  return read_elements(in, a);
}

NpyArray parse_npy(std::string_view content, const std::string& name) {
  Reader in(content, name);
  return read_elements(in, announced(in, name));
}

std::string npy_header(DType dtype, std::span<const int64_t> shape, bool fortran) {
  return header_text(dtype, shape, fortran);
}

void write_npy(const std::string& path, DType dtype, std::span<const int64_t> shape, const void* data, bool fortran) {
  std::string header = header_text(dtype, shape, fortran);
  size_t bytes = ir::num_elements(shape) * ir::size_of(dtype);
  File file = open_file(path, "wb", "write");
  bool whole = std::fwrite(header.data(), 1, header.size(), file.get()) == header.size() &&
               (bytes == 0 || std::fwrite(data, 1, bytes, file.get()) == bytes);
  int error = errno;
  // Closing flushes, and may be what meets the full disk.
  bool closed = std::fclose(file.release()) == 0;
  if (!whole || !closed)
    throw IOError("cannot write '" + path + "' to its end: " + std::strerror(whole ? errno : error));
}

}  // namespace tarry::frontend
