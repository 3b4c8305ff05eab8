#include "llvm/machine.h"

#include <tarry/ir/error.h>

#include <llvm/ADT/SmallVector.h>
#include <llvm/IR/LegacyPassManager.h>
#include <llvm/IR/Verifier.h>
#include <llvm/MC/MCSubtargetInfo.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Pass.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Target/TargetMachine.h>
#include <llvm/TargetParser/Host.h>
#include <llvm/TargetParser/SubtargetFeature.h>
#include <llvm/Transforms/Scalar.h>
#include <llvm/Transforms/Utils.h>

#include "llvm/division.h"
#include "llvm/integer_division.h"
#include "llvm/pass_filter.h"
#include "llvm/splats.h"

namespace tarry::codegen {
namespace {

llvm::StringMap<bool> host_features() {
#if LLVM_VERSION_MAJOR >= 19
  return llvm::sys::getHostCPUFeatures();
#else
  llvm::StringMap<bool> features;
  llvm::sys::getHostCPUFeatures(features);
  return features;
#endif
}

/// Strict arithmetic: nothing is contracted or reassociated.
llvm::TargetOptions strict_options() {
  llvm::TargetOptions options;
  options.AllowFPOpFusion = llvm::FPOpFusion::Strict;
  return options;
}

std::unique_ptr<llvm::TargetMachine> make_target(const std::string& triple, const std::string& cpu,
                                                 const std::string& features, llvm::CodeGenOptLevel level) {
  std::string error;
  const llvm::Target* target = llvm::TargetRegistry::lookupTarget(triple, error);
  if (!target) throw DeviceError("LLVM cannot compile for " + triple + ": " + error);
  return std::unique_ptr<llvm::TargetMachine>(target->createTargetMachine(
      triple, cpu, features, strict_options(), llvm::Reloc::PIC_, llvm::CodeModel::Small, level));
}

/// In bytes. Registers of 64 only where the processor does not slow down for them, which LLVM knows.
int widest_vectors(const llvm::TargetMachine& target, const llvm::StringMap<bool>& has) {
  const bool wide = has.lookup("avx512f") && has.lookup("avx512vl") && has.lookup("avx512bw") && has.lookup("avx512dq");
  return wide && !target.getMCSubtargetInfo()->checkFeatures("+prefer-256-bit") ? 64 : 32;
}

Habits habits_of_host([[maybe_unused]] const llvm::StringMap<bool>& has) {
  Habits habits;
#if defined(__x86_64__)
  habits.splats = has.lookup("avx512f") ? Splats::one_number : Splats::whole;
  habits.converts_longs = has.lookup("avx512vl") && has.lookup("avx512dq");
  if (habits.converts_longs && __builtin_cpu_is("intel")) habits.divider = Divider::slow;
#endif
  return habits;
}

/// In debug builds.
void verify([[maybe_unused]] llvm::Module& module) {
#ifndef NDEBUG
  std::string error;
  llvm::raw_string_ostream complaint(error);
  if (llvm::verifyModule(module, &complaint)) throw InternalError("emitted invalid LLVM IR: " + error);
#endif
}

}  // namespace

bool follows_long_runs() {
#if defined(__x86_64__)
  return !__builtin_cpu_is("intel");
#else
  return true;
#endif
}

/// The passes from a module as emitted to what comes out, and where it comes out.
class Emission {
 public:
  Emission(llvm::TargetMachine& target, Output output) : output_(output), stream_(out_) {
    simplification_.add(llvm::createPromoteMemoryToRegisterPass());
    simplification_.add(llvm::createEarlyCSEPass());
    simplification_.add(llvm::createDeadCodeEliminationPass());
    if (output == Output::llvm_ir) return;
    const auto type =
        output == Output::object ? llvm::CodeGenFileType::ObjectFile : llvm::CodeGenFileType::AssemblyFile;
    PassFilter filter(generation_);
    if (target.addPassesToEmitFile(filter, stream_, nullptr, type))
      throw InternalError("LLVM cannot write this output");
  }

  std::string run(llvm::Module& module, Habits habits) {
    out_.clear();
    simplification_.run(module);
    for (llvm::Function& f : module) {
      if (habits.converts_longs) divide_vectors(f);
      if (habits.divider == Divider::slow) balance_divisions(f);
      keep_splats_in_memory(f, habits.splats);
    }
    verify(module);
    if (output_ == Output::llvm_ir)
      module.print(stream_, nullptr);
    else
      generation_.run(module);
    return {out_.data(), out_.size()};
  }

 private:
  const Output output_;
  llvm::SmallVector<char, 0> out_;
  llvm::raw_svector_ostream stream_;
  llvm::legacy::PassManager simplification_, generation_;
};

Machine::Machine(std::unique_ptr<llvm::TargetMachine> target, int vector_bytes, Habits habits)
    : target_(std::move(target)), vector_bytes_(vector_bytes), habits_(habits) {}
Machine::Machine(Machine&&) noexcept = default;
Machine::~Machine() = default;

Machine Machine::host() {
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  const llvm::StringMap<bool> has = host_features();
#if defined(__x86_64__)
  for (const char* needed : {"avx2", "fma", "f16c", "bmi2"})
    if (!has.lookup(needed))
      throw DeviceError(std::string("this processor lacks ") + needed + " (x86-64-v3 is needed)");
#endif
  llvm::SubtargetFeatures features;
  for (const auto& f : has) features.AddFeature(f.first(), f.second);
  auto target = make_target(llvm::sys::getProcessTriple(), llvm::sys::getHostCPUName().str(), features.getString(),
                            llvm::CodeGenOptLevel::Default);
  const int vector_bytes = widest_vectors(*target, has);
  return {std::move(target), vector_bytes, habits_of_host(has)};
}

Machine Machine::nvptx(int sm, bool many_arguments) {
  LLVMInitializeNVPTXTargetInfo();
  LLVMInitializeNVPTXTarget();
  LLVMInitializeNVPTXTargetMC();
  LLVMInitializeNVPTXAsmPrinter();
  const char* version = many_arguments ? "+ptx81" : sm >= 90 ? "+ptx78" : "+ptx70";
  return {make_target("nvptx64-nvidia-cuda", "sm_" + std::to_string(sm), version, llvm::CodeGenOptLevel::Default), 16,
          Habits{}};
}

void Machine::prepare(llvm::Module& module) const {
  module.setTargetTriple(target_->getTargetTriple().str());
  module.setDataLayout(target_->createDataLayout());
}

std::string Machine::emit(llvm::Module& module, Output output) {
  verify(module);
  if (output != Output::object) return Emission(*target_, output).run(module, habits_);
  if (!to_object_) to_object_ = std::make_unique<Emission>(*target_, output);
  return to_object_->run(module, habits_);
}

}  // namespace tarry::codegen
