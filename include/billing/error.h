#pragma once

// The one exception type of the library: the run cannot go on. It says what, where and what to do;
// it is caught once, in main. Bad data is not an error but a reject (reject.h).

#include <stdexcept>
#include <string>

namespace billing {

/// What went wrong. The value is the exit code of the program.
enum class ErrorKind {
  run = 1,            ///< input, output, overflow, or control totals that do not balance
  configuration = 2,  ///< options, environment, `.env`, prices
  rejects = 3,        ///< more rejects than allowed
  interrupted = 130,
};

class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}

  ErrorKind kind() const { return kind_; }
  int exit_code() const { return static_cast<int>(kind_); }

 private:
  ErrorKind kind_;
};

/// The reader of standard output has gone (`billing ... | head -1`): no error, the program just
/// ends. It reaches only a program that ignores SIGPIPE; otherwise the signal ends it.
class ClosedPipe : public std::runtime_error {
 public:
  ClosedPipe() : std::runtime_error("standard output: the pipe is closed") {}
};

}  // namespace billing
