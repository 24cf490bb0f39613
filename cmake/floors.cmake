# A folder is a library; its name is its path with underscores. `cbs_floor(DEPS …)` names the folders below that it may use
# (tests/lint checks the includes against tests/lint/floors.txt).
#
# CBS_UNITY compiles several files of agentd and cli as one, which takes a third of the time. `ALONE …` are those that have names in
# common with others, in their unnamed namespaces. A release, and the preset debug, compile each by itself.
function(cbs_unite target)
  if(CBS_UNITY)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 6)
    set_source_files_properties(${ARGN} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  endif()
endfunction()

# Precompiles headers once for many targets, which takes a second and a half each time: `cbs_precompiled` makes what `cbs_precompile` uses.
# Targets that are compiled with other options, such as -fPIC, need one of their own.
function(cbs_precompiled name)
  if(CBS_PRECOMPILE)
    file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/${name}.cc "")
    add_library(${name} OBJECT ${CMAKE_CURRENT_BINARY_DIR}/${name}.cc)
    target_precompile_headers(${name} PRIVATE ${PROJECT_SOURCE_DIR}/cmake/often_included.h ${ARGN})
    target_link_libraries(${name} PRIVATE cbs_schema)
  endif()
endfunction()

function(cbs_precompile target from)
  if(CBS_PRECOMPILE)
    target_precompile_headers(${target} REUSE_FROM ${from})
  endif()
endfunction()

function(cbs_floor)
  cmake_parse_arguments(ARG "" "" "ALONE;DEPS;LIBS" ${ARGN})
  file(RELATIVE_PATH path ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  string(REPLACE "/" "_" name ${path})
  file(GLOB sources CONFIGURE_DEPENDS *.cc)
  list(FILTER sources EXCLUDE REGEX "/main\\.cc$")
  list(TRANSFORM ARG_DEPS PREPEND cbs_)
  if(sources)
    add_library(cbs_${name} STATIC ${sources})
    set(scope PUBLIC)
  else()
    add_library(cbs_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  if(sources AND path MATCHES "^agentd/")  # the client library takes objects of common one by one
    list(TRANSFORM ARG_ALONE PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/)
    cbs_unite(cbs_${name} ${ARG_ALONE})
  endif()
  if(sources AND path MATCHES "^agentd/")
    cbs_precompile(cbs_${name} cbs_often_included)
  elseif(sources AND CBS_PRECOMPILE)
    target_precompile_headers(cbs_${name} PRIVATE ${PROJECT_SOURCE_DIR}/cmake/often_included.h)
  endif()
  target_include_directories(cbs_${name} ${scope} ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
  target_link_libraries(cbs_${name} ${scope} ${ARG_DEPS} ${ARG_LIBS})
endfunction()
