# Entries of CTest for the tests of a program, a suite each: a process for each test would be many
# hundreds, and most of them over before they have begun. Large suites are dealt to several processes.
#
# Included, it defines discover_suites(PROGRAM [LABELS ...] [TIMEOUT seconds]). Run as a script after
# the program was linked, it asks the program (in an EMULATOR, if it is of another processor) for its suites
# and writes OUTPUT, which CTest includes.

function(discover_suites program)
  cmake_parse_arguments(PARSE_ARGV 1 option "" TIMEOUT LABELS)
  set(entries ${CMAKE_CURRENT_BINARY_DIR}/${program}_suites.cmake)
  add_custom_command(TARGET ${program} POST_BUILD VERBATIM
    COMMAND ${CMAKE_COMMAND} -D PROGRAM=$<TARGET_FILE:${program}> -D OUTPUT=${entries}
            -D "EMULATOR=${CMAKE_CROSSCOMPILING_EMULATOR}"
            -D "TIMEOUT=${option_TIMEOUT}" -D "LABELS=${option_LABELS}"
            -P ${CMAKE_CURRENT_FUNCTION_LIST_FILE}
    BYPRODUCTS ${entries})
  set(include ${CMAKE_CURRENT_BINARY_DIR}/${program}_include.cmake)
  file(WRITE ${include} "if(EXISTS \"${entries}\")\n  include(\"${entries}\")\nelse()\n"
    "  add_test(${program}_NOT_BUILT ${program}_NOT_BUILT)\nendif()\n")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${include})
endfunction()

# Memory that was freed is used again: a test runs thousands of jobs, and half of their time would go into
# pages that the system clears anew for each.
set(keep_memory "GLIBC_TUNABLES=glibc.malloc.mmap_threshold=1073741824")
string(APPEND keep_memory ":glibc.malloc.trim_threshold=4294967296:glibc.malloc.top_pad=16777216")

# The entries of one suite that has so many tests.
function(write_suite suite tests)
  set(command ${EMULATOR} ${PROGRAM})
  list(TRANSFORM command REPLACE "^.+$" "[[\\0]]")
  list(JOIN command " " command)
  set(most_shards 4)
  math(EXPR shards "(${tests} + 5) / 6")
  if(shards GREATER most_shards)
    set(shards ${most_shards})
  endif()
  foreach(shard RANGE 1 ${shards})
    math(EXPR index "${shard} - 1")
    set(name ${suite})
    if(shards GREATER 1)
      string(APPEND name ".${shard}of${shards}")
    endif()
    file(APPEND ${OUTPUT}
      "add_test([[${name}]] ${command} --gtest_brief=1 [[--gtest_filter=${suite}.*]])\n"
      "set_tests_properties([[${name}]] PROPERTIES TIMEOUT [[${TIMEOUT}]] LABELS [[${LABELS}]]\n"
      "  ENVIRONMENT [[GTEST_TOTAL_SHARDS=${shards};GTEST_SHARD_INDEX=${index};${keep_memory}]])\n")
  endforeach()
endfunction()

function(write_entries)
  execute_process(COMMAND ${EMULATOR} ${PROGRAM} --gtest_list_tests OUTPUT_VARIABLE listed
                  COMMAND_ERROR_IS_FATAL ANY TIMEOUT 60)
  file(WRITE ${OUTPUT} "")
  string(REGEX REPLACE "[][;#][^\n]*" "" listed "${listed}")  # values of parameters, in comments
  string(REPLACE "\n" ";" lines "${listed}")
  set(suite "")
  set(tests 0)
  foreach(line IN LISTS lines)
    if(line MATCHES "^  ")
      math(EXPR tests "${tests} + 1")
    elseif(line MATCHES "^([^ ]+)\\. *$")
      set(next ${CMAKE_MATCH_1})
      if(suite)
        write_suite(${suite} ${tests})
      endif()
      set(suite ${next})
      set(tests 0)
    endif()
  endforeach()
  if(NOT suite)
    message(FATAL_ERROR "${PROGRAM} lists no tests")
  endif()
  write_suite(${suite} ${tests})
endfunction()

if(CMAKE_SCRIPT_MODE_FILE)
  write_entries()
endif()
