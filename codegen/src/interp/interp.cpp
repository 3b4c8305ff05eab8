#include <tarry/codegen/backend.h>
#include <tarry/ir/error.h>

#include "interp/program.h"
#include "interp/run.h"

namespace tarry::codegen {
namespace {

class Interpreted final : public Executable {
 public:
  explicit Interpreted(interp::Program program) : program_(std::move(program)) {}
  using Executable::run;
  void run(const Launch& launch, runtime::Workspace& workspace) const override {
    interp::execute(program_, launch, workspace);
  }

 private:
  const interp::Program program_;
};

/// The loops are built for this baseline.
void require_baseline() {
#if defined(__x86_64__)
  static const bool fits = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                           __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("f16c");
  if (!fits) throw DeviceError("this processor lacks AVX2, FMA, BMI2 or F16C, which tarry needs (x86-64-v3)");
#endif
}

std::shared_ptr<const Executable> compile(const ir::Kernel& kernel) {
  require_baseline();
  return std::make_shared<Interpreted>(interp::translate(kernel, interp::widest_loops()));
}

}  // namespace

const Backend& interpreter() {
  static constexpr Backend kInterpreter{"interp", compile};
  return kInterpreter;
}

}  // namespace tarry::codegen
