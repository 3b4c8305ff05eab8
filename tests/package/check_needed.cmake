# Checks that LIBRARY does not load what is to be loaded only when first needed.
execute_process(COMMAND ${READELF} -d ${LIBRARY} OUTPUT_VARIABLE dynamic COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "NEEDED[^\n]*(LLVM|blas|cuda)[^\n]*" needed "${dynamic}")
if(needed)
  message(FATAL_ERROR "${LIBRARY} loads at start: ${needed}")
endif()
