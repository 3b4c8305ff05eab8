#include "test/machine.h"

namespace cudasim {

std::string name_of(CUresult code) {
  const char* name = nullptr;
  return cuGetErrorName(code, &name) == CUDA_SUCCESS ? name : "code " + std::to_string(code);
}

Machine::Machine(Settings settings) : settings_(std::move(settings)) {
  for (auto& [name, value] : settings_) cudasimConfigure(name.c_str(), value.c_str());
  cudasimConfigure("LOG", "/dev/null");  // tests ask for violations
  cudasimReset();
  EXPECT_CALL(cuInit(0));
  EXPECT_CALL(cuDevicePrimaryCtxRetain(&context_, 0));
  EXPECT_CALL(cuCtxSetCurrent(context_));
}

Machine::~Machine() {
  for (auto& [name, value] : settings_) cudasimConfigure(name.c_str(), nullptr);
  cudasimReset();
}

CUmodule Machine::load(const std::string& ptx) {
  CUmodule m = nullptr;
  EXPECT_CALL(cuModuleLoadData(&m, ptx.c_str())) << ptx;
  return m;
}

CUfunction Machine::function(const std::string& ptx, const std::string& name) {
  CUfunction f = nullptr;
  EXPECT_CALL(cuModuleGetFunction(&f, load(ptx), name.c_str())) << ptx;
  return f;
}

CUdeviceptr Machine::allocate(size_t bytes) {
  CUdeviceptr p = 0;
  EXPECT_CALL(cuMemAlloc_v2(&p, bytes));
  return p;
}

std::string kernel_text(int pointers, const std::string& code, const std::string& before, int sm) {
  std::string text =
      ".version 8.0\n.target sm_" + std::to_string(sm) + "\n.address_size 64\n" + before + "\n.visible .entry f(";
  for (int k = 0; k < pointers; ++k) text += (k ? ", " : "") + std::string(".param .u64 f_") + char('a' + k);
  text += ")\n{\n";
  text +=
      ".reg .pred %p<10>; .reg .b16 %h<10>; .reg .b32 %r<20>; .reg .f32 %f<10>; .reg .b64 %rd<20>; .reg .f64 "
      "%fd<10>;\n";
  text += ".reg .b32 %t; .reg .b64 %i;\n";
  for (int k = 0; k < pointers; ++k) {
    const std::string name(1, static_cast<char>('a' + k));
    text += ".reg .b64 %" + name + ";\nld.param.u64 %" + name + ", [f_" + name + "];\n";
    text += "cvta.to.global.u64 %" + name + ", %" + name + ";\n";
  }
  text += "mov.u32 %r0, %ctaid.x;\nmov.u32 %r1, %ntid.x;\nmov.u32 %t, %tid.x;\n";
  text += "mad.lo.s32 %t, %r0, %r1, %t;\ncvt.u64.u32 %i, %t;\n";
  return text + code + "\nret;\n}\n";
}

}  // namespace cudasim
