# Tests that are IR files: each says in "; RUN:" lines what to run over it, and in CHECK lines what has
# to come of it.
find_program(TARRY_FILECHECK NAMES FileCheck-19 FileCheck-20 FileCheck-21 FileCheck-22 FileCheck
  HINTS /usr/lib/llvm-19/bin /usr/lib/llvm-20/bin /usr/lib/llvm-21/bin /usr/lib/llvm-22/bin)
if(NOT TARRY_FILECHECK)
  message(FATAL_ERROR "FileCheck is needed for the tests (Debian: llvm-19-tools); set TARRY_FILECHECK if it is somewhere else")
endif()

# tarry_filecheck(FOLDER): registers the *.ir files of the current folder as the tests FOLDER/….ir.
function(tarry_filecheck folder)
  file(GLOB files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.ir)
  foreach(file ${files})
    get_filename_component(name ${file} NAME)
    add_test(NAME ${folder}/${name}
      COMMAND ${PROJECT_SOURCE_DIR}/tests/filecheck.sh $<TARGET_FILE:tarry-opt> ${TARRY_FILECHECK} ${file})
    set_tests_properties(${folder}/${name} PROPERTIES TIMEOUT 120)
  endforeach()
endfunction()
