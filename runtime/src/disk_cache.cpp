#include <tarry/runtime/config.h>
#include <tarry/runtime/disk_cache.h>
#include <tarry/runtime/fork.h>

#define XXH_INLINE_ALL
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <vector>

namespace tarry::runtime {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kMostBytes = uint64_t{256} << 20;
constexpr char kEnding[] = ".kernel";

/// In front of the key and the value.
struct Header {
  char magic[8] = {'t', 'a', 'r', 'r', 'y', 'k', '0', '1'};
  uint64_t key_bytes = 0, value_bytes = 0;
  uint64_t checksum = 0;  // of all that follows
};

/// The file's content, where it is a plain file of a size that was ever written: others may have no end, or wait for
/// somebody.
std::optional<std::string> read_whole(const std::string& file, uint64_t most_bytes) {
  const int descriptor = open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0) return {};
  const std::unique_ptr<const int, void (*)(const int*)> closed_at_end(&descriptor, [](const int* d) { close(*d); });
  struct stat s;
  if (fstat(descriptor, &s) != 0 || !S_ISREG(s.st_mode) || static_cast<uint64_t>(s.st_size) > most_bytes) return {};
  std::string text(static_cast<size_t>(s.st_size), 0);
  size_t done = 0;
  while (done < text.size()) {
    const ssize_t n = read(descriptor, text.data() + done, text.size() - done);
    if (n <= 0) return {};
    done += static_cast<size_t>(n);
  }
  return text;
}

/// A file that grows past the limit of the process is an error, and not the signal that ends the process.
class NoSizeSignal {
 public:
  NoSizeSignal() {
    sigemptyset(&signal_);
    sigaddset(&signal_, SIGXFSZ);
    sigset_t pending;
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGXFSZ) == 1;
    pthread_sigmask(SIG_BLOCK, &signal_, &before_);
  }
  ~NoSizeSignal() {
    const int error = errno;
    const timespec at_once{0, 0};
    if (!was_pending_) sigtimedwait(&signal_, nullptr, &at_once);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    errno = error;
  }
  NoSizeSignal(const NoSizeSignal&) = delete;

 private:
  sigset_t signal_, before_;
  bool was_pending_ = false;
};

/// All of `text` into a new file that nobody else may read; false when that fails.
bool write_whole(const std::string& file, const std::string& text) {
  const int descriptor = open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) return false;
  const NoSizeSignal no_signal;
  size_t done = 0;
  while (done < text.size()) {
    const ssize_t n = write(descriptor, text.data() + done, text.size() - done);
    if (n <= 0) break;
    done += static_cast<size_t>(n);
  }
  return (close(descriptor) == 0) & (done == text.size());
}

std::string default_folder() {
  const std::string& chosen = config().cache_dir;
  if (chosen == "off") return "";
  if (!chosen.empty()) return chosen;
  if (const char* base = std::getenv("XDG_CACHE_HOME"); base && *base == '/') return std::string(base) + "/tarry";
  if (const char* home = std::getenv("HOME"); home && *home == '/') return std::string(home) + "/.cache/tarry";
  return "";
}

}  // namespace

/// The folder may hold tens of thousands of files, so it is not looked through at each write; nor at the first one of
/// each process, or those that write little would look for nothing: they begin anywhere between two looks.
DiskCache::DiskCache(std::string folder, uint64_t most_bytes)
    : folder_(std::move(folder)),
      most_bytes_(most_bytes),
      written_(static_cast<uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count()) %
               (bytes_between_looks() + 1)) {}

void DiskCache::tell(const std::string& what) const noexcept {
  if (config().logs("cache")) std::fprintf(stderr, "tarry: kernel cache %s: %s\n", folder_.c_str(), what.c_str());
}

std::string DiskCache::file_of(std::string_view key) const {
  char name[17];
  std::snprintf(name, sizeof name, "%016llx", static_cast<unsigned long long>(XXH3_64bits(key.data(), key.size())));
  return folder_ + "/" + name + kEnding;
}

bool DiskCache::is_private() const {
  struct stat s;
  if (stat(folder_.c_str(), &s) != 0) return false;
  if (S_ISDIR(s.st_mode) && s.st_uid == geteuid() && (s.st_mode & (S_IWGRP | S_IWOTH)) == 0) return true;
  tell("not a folder of this user alone, so it is not used");
  return false;
}

std::optional<std::string> DiskCache::find(std::string_view key) const noexcept try {
  if (folder_.empty() || !is_private()) return {};
  const std::string file = file_of(key);
  std::optional<std::string> text = read_whole(file, most_bytes_);
  if (!text) return {};
  Header header;
  const Header known;
  if (text->size() >= sizeof header) std::memcpy(&header, text->data(), sizeof header);
  const std::string_view rest = std::string_view(*text).substr(std::min(text->size(), sizeof header));
  const bool whole = text->size() >= sizeof header && std::memcmp(header.magic, known.magic, sizeof known.magic) == 0 &&
                     header.key_bytes <= rest.size() && header.value_bytes == rest.size() - header.key_bytes &&
                     header.checksum == XXH3_64bits(rest.data(), rest.size());
  if (!whole) {
    tell("what " + file + " holds is damaged, and made anew");
    return {};
  }
  if (rest.substr(0, header.key_bytes) != key) return {};
  utimensat(AT_FDCWD, file.c_str(), nullptr, 0);  // it was used just now
  return std::string(rest.substr(header.key_bytes));
} catch (...) {
  return {};
}

void DiskCache::keep(std::string_view key, std::string_view value) noexcept try {
  if (folder_.empty()) return;
  if (!fs::exists(folder_)) {
    const fs::path folder(folder_);
    std::error_code ignored;
    if (folder.has_parent_path()) fs::create_directories(folder.parent_path(), ignored);
    mkdir(folder_.c_str(), 0700);
  }
  if (!is_private()) return;
  Header header;
  header.key_bytes = key.size();
  header.value_bytes = value.size();
  std::string rest(key);
  rest += value;
  header.checksum = XXH3_64bits(rest.data(), rest.size());
  std::string text(reinterpret_cast<const char*>(&header), sizeof header);
  text += rest;

  static std::atomic<uint64_t> count{0};
  const std::string file = file_of(key);
  const std::string aside = file + "." + std::to_string(getpid()) + "." + std::to_string(count.fetch_add(1)) + ".new";
  if (!write_whole(aside, text) || std::rename(aside.c_str(), file.c_str()) != 0) {
    tell(std::string("cannot write: ") + std::strerror(errno));
    unlink(aside.c_str());
    return;
  }
  if (written_.fetch_add(text.size(), std::memory_order_relaxed) + text.size() <= bytes_between_looks()) return;
  written_.store(0, std::memory_order_relaxed);
  evict();
} catch (...) {
}

/// Removes what was unused for longest until a quarter is free. A file that vanishes meanwhile was
/// another process's turn. What a killed process left half written goes after a day.
void DiskCache::evict() noexcept try {
  struct Entry {
    fs::path path;
    uint64_t bytes;
    fs::file_time_type used;
  };
  std::vector<Entry> entries;
  uint64_t total = 0;
  const auto now = fs::file_time_type::clock::now();
  for (const auto& e : fs::directory_iterator(folder_)) {
    std::error_code gone;
    const uint64_t bytes = e.file_size(gone);
    const auto used = e.last_write_time(gone);
    if (gone) continue;
    if (e.path().extension() == ".new" && now - used > std::chrono::hours(24)) fs::remove(e.path(), gone);
    if (e.path().extension() != kEnding) continue;
    entries.push_back({e.path(), bytes, used});
    total += bytes;
  }
  if (total <= most_bytes_ - bytes_between_looks()) return;
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.used < b.used; });
  for (const Entry& e : entries) {
    if (total <= most_bytes_ - most_bytes_ / 4) break;
    std::error_code gone;
    fs::remove(e.path, gone);
    total -= e.bytes;
  }
} catch (...) {
}

DiskCache& disk_cache() {
  static constinit MadeOnce<DiskCache> cache;
  return cache.get([] { return new DiskCache(default_folder(), kMostBytes); });
}

}  // namespace tarry::runtime
