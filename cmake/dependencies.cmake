# Finds every library, and turns it into a target. What a distribution packages comes from there; libssh2 is built by packaging/libssh2/build.
find_package(PkgConfig REQUIRED)
find_package(CapnProto REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(Threads REQUIRED)
find_package(spdlog REQUIRED)
# A release has it linked in, as its library is shared only. To compile it takes seconds for each file that logs.
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  add_library(cbs::spdlog ALIAS spdlog::spdlog_header_only)
else()
  add_library(cbs::spdlog ALIAS spdlog::spdlog)
endif()
find_package(SQLite3 REQUIRED)
# Packaged as a shared library only.
find_package(prometheus-cpp REQUIRED COMPONENTS core)
find_package(CLI11 REQUIRED)
pkg_check_modules(SYSTEMD REQUIRED IMPORTED_TARGET libsystemd)

# Release binaries start in about a millisecond: what Cap'n Proto and the C++ library need is linked in.
function(cbs_static_archive name archive)
  find_library(CBS_${name} NAMES lib${archive}.a REQUIRED)
  add_library(cbs::${name} STATIC IMPORTED GLOBAL)
  set_target_properties(cbs::${name} PROPERTIES IMPORTED_LOCATION ${CBS_${name}})
  target_link_libraries(cbs::${name} INTERFACE ${ARGN})
endfunction()
cbs_static_archive(kj kj Threads::Threads)
cbs_static_archive(kj_async kj-async cbs::kj)
cbs_static_archive(kj_http kj-http cbs::kj_async)
cbs_static_archive(capnp capnp cbs::kj)
cbs_static_archive(capnp_rpc capnp-rpc cbs::capnp cbs::kj_async)
cbs_static_archive(capnp_json capnp-json cbs::capnp)

# tomlplusplus, without its header-only mode's cost in every file: common/config compiles it once.
find_path(TOMLPLUSPLUS_INCLUDE toml++/toml.h REQUIRED)

if(CBS_SYSTEM_LIBSSH2)
  pkg_check_modules(LIBSSH2 REQUIRED IMPORTED_TARGET libssh2>=1.11.1)
  add_library(cbs::libssh2 ALIAS PkgConfig::LIBSSH2)
  message(WARNING "The system's libssh2 lacks this project's patches: a command whose status was lost can look like exit status 0 where "
                  "libssh2_channel_has_exit_status is missing, and two busy channels can stall while the server rekeys (packaging/libssh2/patches).")
else()
  file(GLOB CBS_LIBSSH2_RECIPE CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/packaging/libssh2/patches/*.patch)
  set_property(DIRECTORY ${PROJECT_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
               ${PROJECT_SOURCE_DIR}/packaging/libssh2/build ${CBS_LIBSSH2_RECIPE})
  execute_process(COMMAND ${PROJECT_SOURCE_DIR}/packaging/libssh2/build OUTPUT_VARIABLE CBS_LIBSSH2_OUTPUT
                  OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX REPLACE ".*\n" "" CBS_LIBSSH2_PREFIX "${CBS_LIBSSH2_OUTPUT}")
  add_library(cbs::libssh2 STATIC IMPORTED GLOBAL)
  set_target_properties(cbs::libssh2 PROPERTIES IMPORTED_LOCATION ${CBS_LIBSSH2_PREFIX}/lib/libssh2.a
                        INTERFACE_INCLUDE_DIRECTORIES ${CBS_LIBSSH2_PREFIX}/include)
  target_link_libraries(cbs::libssh2 INTERFACE OpenSSL::Crypto)
endif()

if(CBS_TESTS)
  execute_process(COMMAND ${PROJECT_SOURCE_DIR}/packaging/fetch-catch2 OUTPUT_VARIABLE CBS_CATCH2_OUTPUT
                  OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX REPLACE ".*\n" "" CBS_CATCH2_PREFIX "${CBS_CATCH2_OUTPUT}")
  find_package(Catch2 3 REQUIRED PATHS ${CBS_CATCH2_PREFIX} ${CBS_CATCH2_PREFIX}/usr)
endif()
