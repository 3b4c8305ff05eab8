# Flags of every target of the project.
add_library(tarry_flags INTERFACE)
target_compile_options(tarry_flags INTERFACE
  -Wall -Wextra -Wpedantic -Werror=switch -ffp-contract=off -fno-math-errno
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>  # false alarms of g++ 12 on "text" + std::string
  $<$<BOOL:${TARRY_WERROR}>:-Werror>)
if(TARRY_SANITIZE)
  target_compile_options(tarry_flags INTERFACE -fsanitize=${TARRY_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(tarry_flags INTERFACE -fsanitize=${TARRY_SANITIZE})
endif()

# tarry_sanitize(TARGET): for programs that are built as a user's are, without the project's flags.
function(tarry_sanitize target)
  if(TARRY_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${TARRY_SANITIZE})
    target_link_options(${target} PRIVATE -fsanitize=${TARRY_SANITIZE})
  endif()
endfunction()

# tarry_component(NAME SOURCES … [DEPENDS …] [LIBRARIES …])
# One layer: a static library tarry_NAME that exposes NAME/include alone, so that an include against
# the arrows of the design fails to compile. DEPENDS names the layers it may use.
function(tarry_component name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS;LIBRARIES" ${ARGN})
  add_library(tarry_${name} STATIC ${ARG_SOURCES})
  target_include_directories(tarry_${name}
    PUBLIC $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include>
    PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/src)
  list(TRANSFORM ARG_DEPENDS PREPEND tarry_)
  target_link_libraries(tarry_${name} PUBLIC ${ARG_DEPENDS} PRIVATE tarry_flags ${ARG_LIBRARIES})
endfunction()
