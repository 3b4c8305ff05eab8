# Checks that HEADER cannot be included by a file that sees only INCLUDE_DIRS.
list(TRANSFORM INCLUDE_DIRS PREPEND -I)
file(WRITE ${SCRATCH} "#include <${HEADER}>\n")
execute_process(COMMAND ${COMPILER} -std=c++20 -fsyntax-only ${INCLUDE_DIRS} ${SCRATCH}
  ERROR_VARIABLE errors RESULT_VARIABLE status)
if(status EQUAL 0)
  message(FATAL_ERROR "<${HEADER}> is within reach of ${INCLUDE_DIRS}")
elseif(NOT errors MATCHES "${HEADER}.*(No such file|not found)")
  message(FATAL_ERROR "<${HEADER}> failed for another reason:\n${errors}")
endif()
