#pragma once
/// Which of LLVM's code generation passes are left out.

#include <llvm/IR/LegacyPassManager.h>
#include <llvm/Pass.h>

#include <algorithm>
#include <iterator>
#include <string_view>

namespace tarry::codegen {

/// Hands passes on to a pass manager, but for those that find nothing in kernels. Most look for calls, exceptions or
/// stack frames that no kernel has; the first two for addresses that are not base + index already; the third for an
/// order that the processors choose for themselves. They and the analyses for them alone take longer than an eighth of
/// what a compile takes without them. A name that LLVM does not know leaves nothing out.
class PassFilter : public llvm::legacy::PassManagerBase {
 public:
  explicit PassFilter(llvm::legacy::PassManagerBase& passes) : passes_(passes) {}

  void add(llvm::Pass* pass) override {
    const std::string_view name(pass->getPassName().data(), pass->getPassName().size());
    if (std::find(std::begin(kLeftOut), std::end(kLeftOut), name) == std::end(kLeftOut))
      passes_.add(pass);
    else
      delete pass;
  }

 private:
  static constexpr std::string_view kLeftOut[] = {
      "Loop Strength Reduction",
      "Canonicalize Freeze Instructions in Loops",
      "Post RA top-down list latency scheduler",
      "Constant Hoisting",
      "Contiguously Lay Out Funclets",
      "Early If-Conversion",
      "Early Tail Duplication",
      "Exception handling preparation",
      "Expand indirectbr instructions",
      "Expand large div/rem",
      "Expand large fp convert",
      "Expand memcmp() to load/stores",
      "Expand vector predication intrinsics",
      "Fixup Statepoint Caller Saved",
      "Implement the 'patchable-function' attribute",
      "Insert XRay ops",
      "Insert fentry calls",
      "Interleaved Access Pass",
      "Live DEBUG_VALUE analysis",
      "Live Range Shrink",
      "Local Dynamic TLS Access Clean-up",
      "Local Stack Slot Allocation",
      "Lower AMX intrinsics",
      "Lower AMX type for load/store",
      "Lower Garbage Collection Instructions",
      "Machine InstCombiner",
      "Machine Late Instructions Cleanup Pass",
      "Machine Sanitizer Binary Metadata",
      "Machine code sinking",
      "Merge contiguous icmps into a memcmp",
      "Merge disjoint stack slots",
      "Optimize machine instruction PHIs",
      "Partially inline calls to library functions",
      "PostRA Machine Sink",
      "Prepare callbr",
      "Pseudo Probe Inserter",
      "Register Allocation Pass Scoring",
      "Replace intrinsics with calls to vector library",
      "Safe Stack instrumentation pass",
      "Shadow Stack GC Lowering",
      "Shrink Wrapping analysis",
      "StackMap Liveness Analysis",
      "TLS Variable Hoist",
      "Tail Duplication",
      "X86 Atom pad short functions",
      "X86 Avoid Store Forwarding Blocks",
      "X86 Discriminate Memory Operands",
      "X86 Insert Cache Prefetches",
      "X86 Indirect Branch Tracking",
      "X86 Load Value Injection (LVI) Ret-Hardening",
      "X86 Optimize Call Frame",
      "X86 Partial Reduction",
      "X86 Windows Fixup Buffer Security Check",
      "X86 cmov Conversion",
      "X86 insert wait instruction",
      "X86 speculative load hardening",
  };
  llvm::legacy::PassManagerBase& passes_;
};

}  // namespace tarry::codegen
