#pragma once
/// Compiled kernels on disk, so that the next process need not compile, nor even load LLVM.
///
/// One file an entry, named by the key's hash: it holds the key whole, which a hit compares, and a
/// checksum. It is written aside and renamed, so readers and writers of several processes never see half
/// of one. Whatever is odd (another owner, a torn file, a full disk) counts as absent, and is told under
/// TARRY_LOG=cache.

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tarry::runtime {

class DiskCache {
 public:
  /// Files in `folder`, which is made with mode 0700 at the first write; one that others may write to,
  /// or that belongs to somebody else, is not used. Empty: nothing is ever found or kept.
  /// Those unused for longest are removed before there are more than `most_bytes`, and what other processes write at
  /// the same time.
  DiskCache(std::string folder, uint64_t most_bytes);

  std::optional<std::string> find(std::string_view key) const noexcept;
  void keep(std::string_view key, std::string_view value) noexcept;

  const std::string& folder() const { return folder_; }

 private:
  std::string file_of(std::string_view key) const;
  bool is_private() const;
  uint64_t bytes_between_looks() const { return most_bytes_ / 64; }
  void evict() noexcept;
  void tell(const std::string& what) const noexcept;

  std::string folder_;
  const uint64_t most_bytes_;
  std::atomic<uint64_t> written_;  // bytes since the folder was last looked through
};

/// That of the process: TARRY_CACHE_DIR ("off" for none), else tarry/ under XDG_CACHE_HOME or ~/.cache.
DiskCache& disk_cache();

/// What code compiled here depends on in the processor: two hosts with equal words run each other's code.
std::string processor_words();

}  // namespace tarry::runtime
