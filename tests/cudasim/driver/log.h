#pragma once
/// What the driver was asked to do that it must not be asked.

#include <mutex>
#include <string>
#include <vector>

namespace cudasim {

class Log {
 public:
  void open(const std::string& file, bool aborts);
  void violation(const std::string& what);
  std::vector<std::string> violations() const;
  size_t count() const;
  void forget();

 private:
  mutable std::mutex guard_;
  std::string file_;
  bool aborts_ = false;
  std::vector<std::string> violations_;
};

}  // namespace cudasim
