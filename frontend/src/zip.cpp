#include "zip.h"

#include <tarry/ir/error.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <utility>

namespace tarry::frontend {
namespace {

constexpr uint32_t kLocal = 0x04034b50, kCentral = 0x02014b50, kEnd = 0x06054b50, kEnd64 = 0x06064b50,
                   kLocator64 = 0x07064b50;
constexpr uint64_t kMost32 = 0xffffffff;
constexpr uint16_t kExtra64 = 1, kVersion64 = 45;
constexpr uint64_t kEndBytes = 22, kLocator64Bytes = 20, kEnd64Bytes = 56, kCentralBytes = 46, kLocalBytes = 30;
constexpr uint64_t kLongestComment = 65535, kLongestDirectory = uint64_t{1} << 30;

std::FILE* as_file(void* file) { return static_cast<std::FILE*>(file); }

uint64_t number_at(const std::string& text, uint64_t at, int bytes) {
  uint64_t value = 0;
  for (int i = bytes; i-- > 0;) value = value << 8 | static_cast<unsigned char>(text[at + static_cast<uint64_t>(i)]);
  return value;
}

void append(std::string& out, uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out += i < 8 ? static_cast<char>(value >> (8 * i) & 255) : '\0';
}

uint32_t crc_of(uint32_t crc, const void* data, uint64_t bytes) {
  const auto* at = static_cast<const Bytef*>(data);
  while (bytes > 0) {
    const auto part = static_cast<uInt>(std::min<uint64_t>(bytes, 1u << 30));
    crc = static_cast<uint32_t>(crc32(crc, at, part));
    at += part;
    bytes -= part;
  }
  return crc;
}

/// The fields of an extra record that stand in for those that do not fit 32 bits, in their fixed order.
void read_extra(const std::string& text, uint64_t at, uint64_t end, ZipEntry& e) {
  while (at + 4 <= end) {
    const uint64_t id = number_at(text, at, 2), length = number_at(text, at + 2, 2);
    uint64_t field = at + 4;
    const uint64_t stop = std::min(field + length, end);
    for (uint64_t* value : {&e.size, &e.compressed, &e.offset}) {
      if (id != kExtra64 || *value != kMost32 || field + 8 > stop) continue;
      *value = number_at(text, field, 8);
      field += 8;
    }
    at = stop;
  }
}

}  // namespace

// ---- reading -----------------------------------------------------------------------------------

ZipReader::ZipReader(const std::string& path) : path_(path) {
  if (path.find('\0') != std::string::npos) throw IOError("cannot read: the path holds a NUL");
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (!file) throw IOError("cannot read '" + path + "': " + std::strerror(errno));
  file_ = file;
  try {
    if (fseeko(file, 0, SEEK_END) != 0) fail(std::strerror(errno));
    size_ = static_cast<uint64_t>(ftello(file));
    read_directory();
  } catch (...) {
    std::fclose(file);
    throw;
  }
}

ZipReader::~ZipReader() { std::fclose(as_file(file_)); }

void ZipReader::fail(const std::string& what) const { throw IOError("cannot read '" + path_ + "': " + what); }

std::string ZipReader::bytes(uint64_t offset, uint64_t count, const char* what) {
  if (offset > size_ || count > size_ - offset) fail(std::string("the archive ends within its ") + what);
  std::string text(count, '\0');
  if (fseeko(as_file(file_), static_cast<off_t>(offset), SEEK_SET) != 0 ||
      (count && std::fread(text.data(), 1, count, as_file(file_)) != count))
    fail(std::string("the archive cannot be read within its ") + what);
  return text;
}

void ZipReader::read_directory() {
  if (size_ < kEndBytes) fail("it is not a zip archive");
  const uint64_t tail = std::min(size_, kEndBytes + kLongestComment);
  const std::string end = bytes(size_ - tail, tail, "end");
  uint64_t at = tail - kEndBytes + 1;
  do {
    if (at == 0) fail("it is not a zip archive");
    --at;
  } while (number_at(end, at, 4) != kEnd);
  uint64_t count = number_at(end, at + 10, 2), length = number_at(end, at + 12, 4), start = number_at(end, at + 16, 4);
  const uint64_t end_at = size_ - tail + at;
  if ((count == 0xffff || length == kMost32 || start == kMost32) && end_at >= kLocator64Bytes) {
    const std::string locator = bytes(end_at - kLocator64Bytes, kLocator64Bytes, "end");
    if (number_at(locator, 0, 4) == kLocator64) {
      const std::string wide = bytes(number_at(locator, 8, 8), kEnd64Bytes, "end");
      if (number_at(wide, 0, 4) != kEnd64) fail("its end is damaged");
      count = number_at(wide, 32, 8);
      length = number_at(wide, 40, 8);
      start = number_at(wide, 48, 8);
    }
  }
  if (length > kLongestDirectory || count > length / kCentralBytes) fail("its directory is damaged");
  read_entries(bytes(start, length, "directory"), count);
}

void ZipReader::read_entries(const std::string& directory, uint64_t count) {
  uint64_t at = 0;
  for (uint64_t i = 0; i < count; ++i) {
    if (at + kCentralBytes > directory.size() || number_at(directory, at, 4) != kCentral)
      fail("its directory is damaged");
    const uint64_t name = number_at(directory, at + 28, 2), extra = number_at(directory, at + 30, 2),
                   comment = number_at(directory, at + 32, 2);
    if (name + extra + comment > directory.size() - at - kCentralBytes) fail("its directory is damaged");
    if (number_at(directory, at + 8, 2) & 1) fail("it is encrypted, which is not supported");
    ZipEntry e;
    e.method = static_cast<uint16_t>(number_at(directory, at + 10, 2));
    e.crc = static_cast<uint32_t>(number_at(directory, at + 16, 4));
    e.compressed = number_at(directory, at + 20, 4);
    e.size = number_at(directory, at + 24, 4);
    e.offset = number_at(directory, at + 42, 4);
    e.name = directory.substr(at + kCentralBytes, name);
    read_extra(directory, at + kCentralBytes + name, at + kCentralBytes + name + extra, e);
    at += kCentralBytes + name + extra + comment;
    entries_.push_back(std::move(e));
  }
}

std::string ZipReader::read(const ZipEntry& e) {
  const std::string quoted = "file '" + e.name + "'";
  const std::string local = bytes(e.offset, kLocalBytes, "files");
  if (number_at(local, 0, 4) != kLocal) fail("its " + quoted + " is damaged");
  const uint64_t start = e.offset + kLocalBytes + number_at(local, 26, 2) + number_at(local, 28, 2);
  std::string packed = bytes(start, e.compressed, "files");
  if (e.method == 0) {
    if (e.size != e.compressed) fail("its " + quoted + " is damaged");
  } else if (e.method == 8) {
    // Deflate shrinks to a thousandth at most: more is a lie, and no reason to allocate.
    if (e.size / 1040 > e.compressed + 1) fail("its " + quoted + " is damaged");
    std::string plain(e.size, '\0');
    z_stream z{};
    if (inflateInit2(&z, -MAX_WBITS) != Z_OK) throw MemoryError("no memory to decompress '" + path_ + "'");
    uint64_t in = 0, out = 0;
    int state = Z_OK;
    while (state == Z_OK) {
      z.next_in = reinterpret_cast<Bytef*>(packed.data() + in);
      z.avail_in = static_cast<uInt>(std::min<uint64_t>(packed.size() - in, 1u << 30));
      z.next_out = reinterpret_cast<Bytef*>(plain.data() + out);
      z.avail_out = static_cast<uInt>(std::min<uint64_t>(plain.size() - out, 1u << 30));
      const uInt given = z.avail_in, room = z.avail_out;
      state = inflate(&z, Z_NO_FLUSH);
      in += given - z.avail_in;
      out += room - z.avail_out;
      if (state == Z_OK && given == z.avail_in && room == z.avail_out) state = Z_BUF_ERROR;
    }
    inflateEnd(&z);
    if (state != Z_STREAM_END || out != e.size) fail("its " + quoted + " is damaged: it does not decompress");
    packed = std::move(plain);
  } else {
    fail("its " + quoted + " is compressed by method " + std::to_string(e.method) + ", which is not supported");
  }
  if (crc_of(0, packed.data(), packed.size()) != e.crc) fail("its " + quoted + " is damaged: the checksum differs");
  return packed;
}

// ---- writing -----------------------------------------------------------------------------------

namespace {

/// What both headers of a file say.
std::string described(const ZipEntry& e, bool wide) {
  std::string text;
  append(text, wide ? kVersion64 : 20, 2);
  append(text, 0x800, 2);  // names are UTF-8
  append(text, e.method, 2);
  append(text, 0, 2);       // 00:00
  append(text, 0x0021, 2);  // of 1980-01-01
  append(text, e.crc, 4);
  append(text, wide ? kMost32 : e.compressed, 4);
  append(text, wide ? kMost32 : e.size, 4);
  append(text, e.name.size(), 2);
  return text;
}

struct EndDeflate {
  void operator()(z_stream* z) const { deflateEnd(z); }
};

std::string deflated(std::string_view head, const void* data, uint64_t bytes) {
  z_stream z{};
  if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw MemoryError("no memory to compress");
  // What comes out may find no memory either.
  const std::unique_ptr<z_stream, EndDeflate> ended(&z);
  std::string out;
  std::string room(1 << 16, '\0');
  auto feed = [&](const void* from, uint64_t count, bool last) {
    const auto* at = static_cast<const Bytef*>(from);
    do {
      z.next_in = const_cast<Bytef*>(at);
      z.avail_in = static_cast<uInt>(std::min<uint64_t>(count, 1u << 30));
      at += z.avail_in;
      count -= z.avail_in;
      do {
        z.next_out = reinterpret_cast<Bytef*>(room.data());
        z.avail_out = static_cast<uInt>(room.size());
        deflate(&z, last && count == 0 ? Z_FINISH : Z_NO_FLUSH);
        out.append(room, 0, room.size() - z.avail_out);
      } while (z.avail_out == 0);
    } while (count > 0);
  };
  feed(head.data(), head.size(), false);
  feed(data, bytes, true);
  return out;
}

}  // namespace

ZipWriter::ZipWriter(const std::string& path) : path_(path) {
  if (path.find('\0') != std::string::npos) throw IOError("cannot write: the path holds a NUL");
  file_ = std::fopen(path.c_str(), "wb");
  if (!file_) throw IOError("cannot write '" + path + "': " + std::strerror(errno));
}

ZipWriter::~ZipWriter() {
  if (file_) std::fclose(as_file(file_));
}

void ZipWriter::put(const void* data, uint64_t bytes) {
  if (bytes && std::fwrite(data, 1, bytes, as_file(file_)) != bytes)
    throw IOError("cannot write '" + path_ + "' to its end: " + std::strerror(errno));
  at_ += bytes;
}

void ZipWriter::add(const std::string& name, std::string_view head, const void* data, uint64_t bytes, bool compress) {
  ZipEntry e;
  e.name = name;
  e.offset = at_;
  e.size = head.size() + bytes;
  e.crc = crc_of(crc_of(0, head.data(), head.size()), data, bytes);
  e.method = compress ? 8 : 0;
  const std::string packed = compress ? deflated(head, data, bytes) : std::string();
  e.compressed = compress ? packed.size() : e.size;
  const bool wide = e.size >= kMost32 || e.compressed >= kMost32;
  std::string header;
  append(header, kLocal, 4);
  header += described(e, wide);
  append(header, wide ? 20 : 0, 2);
  header += name;
  if (wide) {
    append(header, kExtra64, 2);
    append(header, 16, 2);
    append(header, e.size, 8);
    append(header, e.compressed, 8);
  }
  put(header);
  if (compress) {
    put(packed);
  } else {
    put(head.data(), head.size());
    put(data, bytes);
  }
  entries_.push_back(std::move(e));
}

void ZipWriter::finish() {
  const uint64_t start = at_;
  for (const ZipEntry& e : entries_) {
    const bool wide = e.size >= kMost32 || e.compressed >= kMost32 || e.offset >= kMost32;
    std::string text;
    append(text, kCentral, 4);
    append(text, wide ? kVersion64 : 20, 2);
    text += described(e, wide);
    append(text, wide ? 28 : 0, 2);
    append(text, 0, 2 + 2 + 2 + 4);  // no comment, first disk, no attributes
    append(text, wide ? kMost32 : e.offset, 4);
    text += e.name;
    if (wide) {
      append(text, kExtra64, 2);
      append(text, 24, 2);
      for (uint64_t value : {e.size, e.compressed, e.offset}) append(text, value, 8);
    }
    put(text);
  }
  const uint64_t length = at_ - start, end = at_;
  const bool wide = entries_.size() >= 0xffff || length >= kMost32 || start >= kMost32;
  std::string text;
  if (wide) {
    append(text, kEnd64, 4);
    append(text, kEnd64Bytes - 12, 8);
    append(text, kVersion64, 2);
    append(text, kVersion64, 2);
    append(text, 0, 8);
    for (uint64_t value : {uint64_t{entries_.size()}, uint64_t{entries_.size()}, length, start}) append(text, value, 8);
    append(text, kLocator64, 4);
    append(text, 0, 4);
    append(text, end, 8);
    append(text, 1, 4);
  }
  append(text, kEnd, 4);
  append(text, 0, 4);
  for (int i = 0; i < 2; ++i) append(text, wide ? 0xffff : entries_.size(), 2);
  append(text, wide ? kMost32 : length, 4);
  append(text, wide ? kMost32 : start, 4);
  append(text, 0, 2);
  put(text);
  // Closing flushes, and may be what meets the full disk.
  if (std::fclose(as_file(std::exchange(file_, nullptr))) != 0)
    throw IOError("cannot write '" + path_ + "' to its end: " + std::strerror(errno));
}

}  // namespace tarry::frontend
