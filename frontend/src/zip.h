#pragma once
/// Zip archives, as far as .npz files need them: stored and deflated files, of any size.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tarry::frontend {

/// One file in an archive.
struct ZipEntry {
  std::string name;
  uint16_t method = 0;  // 0 stored, 8 deflated
  uint32_t crc = 0;
  uint64_t compressed = 0, size = 0, offset = 0;
};

/// An archive on disk. All throw IOError, which names it and says what is wrong.
class ZipReader {
 public:
  explicit ZipReader(const std::string& path);
  ~ZipReader();
  ZipReader(const ZipReader&) = delete;
  const std::vector<ZipEntry>& entries() const { return entries_; }
  /// The content of a file, checked.
  std::string read(const ZipEntry& entry);

 private:
  [[noreturn]] void fail(const std::string& what) const;
  std::string bytes(uint64_t offset, uint64_t count, const char* what);
  void read_directory();
  void read_entries(const std::string& directory, uint64_t count);

  std::string path_;
  void* file_ = nullptr;
  uint64_t size_ = 0;
  std::vector<ZipEntry> entries_;
};

/// Writes an archive file by file; nothing is whole before `finish`.
class ZipWriter {
 public:
  static constexpr size_t kLongestName = 65535;
  explicit ZipWriter(const std::string& path);
  ~ZipWriter();
  ZipWriter(const ZipWriter&) = delete;
  /// A file whose content is `head` and then `bytes` bytes at `data`.
  void add(const std::string& name, std::string_view head, const void* data, uint64_t bytes, bool compress);
  void finish();

 private:
  void put(const void* data, uint64_t bytes);
  void put(const std::string& text) { put(text.data(), text.size()); }

  std::string path_;
  void* file_ = nullptr;
  uint64_t at_ = 0;
  std::vector<ZipEntry> entries_;
};

}  // namespace tarry::frontend
