# Checks that the sources below ROOT name foreign libraries only where they are at home:
# LLVM in codegen/src/{llvm,cpu,nvptx}, CUDA and BLAS in runtime.
file(GLOB_RECURSE sources ${ROOT}/ir/*.h ${ROOT}/ir/*.cpp ${ROOT}/passes/*.h ${ROOT}/passes/*.cpp
  ${ROOT}/runtime/*.h ${ROOT}/runtime/*.cpp ${ROOT}/codegen/*.h ${ROOT}/codegen/*.cpp
  ${ROOT}/frontend/*.h ${ROOT}/frontend/*.cpp)
if(NOT sources)
  message(FATAL_ERROR "no sources below ${ROOT}")
endif()
foreach(source IN LISTS sources)
  file(STRINGS ${source} includes REGEX "^#include")
  if(includes MATCHES "[<\"]llvm" AND NOT source MATCHES "/codegen/src/(llvm|cpu|nvptx)/")
    message(SEND_ERROR "${source} includes LLVM")
  endif()
  if(includes MATCHES "[<\"](cuda|cublas|cblas|lapacke)" AND NOT source MATCHES "/runtime/src/")
    message(SEND_ERROR "${source} includes CUDA or BLAS")
  endif()
endforeach()
