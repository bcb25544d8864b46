#pragma once

// The one exception type of the library: the run cannot go on. It says what, where and what to do;
// it is caught once, in main. Bad data is not an error but a reject (reject.h).

#include <stdexcept>
#include <string>
#include <string_view>

namespace billing {

/// What went wrong. The value is the exit code of the program.
enum class ErrorKind {
  run = 1,            ///< input, output, overflow, or control totals that do not balance
  configuration = 2,  ///< options, environment, `.env`, prices
  rejects = 3,        ///< more rejects than allowed
  interrupted = 130,
};

/// Messages of the library, also warnings, write the names of settings (`memory-limit`) behind this
/// byte, which stands nowhere else in them: what comes from outside is escaped.
inline constexpr char kSettingMark = '\1';

/// A message as a host tells it: with its own sign before the names of settings, such as the `--`
/// of the program's options, or none.
inline std::string tell(std::string_view message, std::string_view setting_sign = {}) {
  std::string told;
  for (const char c : message) {
    if (c == kSettingMark) {
      told += setting_sign;
    } else {
      told += c;
    }
  }
  return told;
}

class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message)
      : std::runtime_error(tell(message)), kind_(kind), message_(message) {}

  ErrorKind kind() const { return kind_; }
  int exit_code() const { return static_cast<int>(kind_); }

  /// What what() says, with the marks before settings: for tell(), or another message.
  const std::string& message() const { return message_; }

 private:
  ErrorKind kind_;
  std::string message_;
};

/// The reader of standard output has gone (`billing ... | head -1`): no error, the program just
/// ends. It reaches only a program that ignores SIGPIPE; otherwise the signal ends it.
class ClosedPipe : public std::runtime_error {
 public:
  ClosedPipe() : std::runtime_error("standard output: the pipe is closed") {}
};

}  // namespace billing
