# libtarry.so: all layers in one shared library, and the package that users find.
set(TARRY_COMPONENTS ir passes runtime codegen frontend)

add_library(tarry SHARED)
add_library(tarry::tarry ALIAS tarry)
set_target_properties(tarry PROPERTIES
  VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
  # One level down, as all that opens the compiler in codegen/.
  LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib)
target_compile_features(tarry PUBLIC cxx_std_20)
find_package(fmt REQUIRED)
target_link_libraries(tarry PRIVATE tarry_flags INTERFACE fmt::fmt)

set(include_roots)
set(public_headers)
foreach(component ${TARRY_COMPONENTS})
  target_sources(tarry PRIVATE $<TARGET_OBJECTS:tarry_${component}>)
  # For what the layer itself links; its objects are here already.
  target_link_libraries(tarry PRIVATE tarry_${component})
  # A header is public by lying below include/, so a list would only repeat the folder.
  set(root ${PROJECT_SOURCE_DIR}/${component}/include)
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS ${root}/*.h)
  list(APPEND include_roots ${root})
  list(APPEND public_headers ${headers})
endforeach()
target_sources(tarry PUBLIC FILE_SET HEADERS BASE_DIRS ${include_roots} FILES ${public_headers})

include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/tarry)
configure_package_config_file(cmake/tarryConfig.cmake.in ${PROJECT_BINARY_DIR}/tarryConfig.cmake
  INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/tarryConfigVersion.cmake COMPATIBILITY SameMinorVersion)

install(TARGETS tarry EXPORT tarryTargets FILE_SET HEADERS)
# Opened by libtarry.so when it first compiles, from the folder that it lies in itself.
install(TARGETS tarry-llvm LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
add_dependencies(tarry tarry-llvm)
install(EXPORT tarryTargets NAMESPACE tarry:: DESTINATION ${package_dir})
install(FILES ${PROJECT_BINARY_DIR}/tarryConfig.cmake ${PROJECT_BINARY_DIR}/tarryConfigVersion.cmake
  DESTINATION ${package_dir})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
