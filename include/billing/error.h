#pragma once

// The library's exception: the run cannot go on. It says what, where and what to do; a host catches
// it once. Bad data is not an error but a reject (reject.h). Besides it the library throws
// ClosedPipe, std::bad_alloc, and std::invalid_argument or std::logic_error for mistakes of the
// host that no user can make.
//
//     } catch (const Error& error) {
//       std::cerr << tell(error.message(), "--") << "\n";  // or error.what(), without the dashes
//       // where settings are keyword arguments: tell(error.message(), "", '_')
//       return error.exit_code();
//     }

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

/// Error::message() and warnings have this byte before each name of a setting (`memory-limit`), and
/// nowhere else: text that comes from outside is escaped. tell() replaces it.
inline constexpr char kSettingMark = '\1';

/// Stands before and behind text that is of use to those who run the program alone: commands to
/// type, such as `; bill it with: billing merge FILE`.
inline constexpr char kCommandMark = '\2';

/// A message as people read it: with `setting_sign` in place of the marks. Pass `--` where settings
/// are options of the program; or nothing, which leaves out its commands as well. `dash` stands in
/// the place of each dash of a setting's name: `_` where names are identifiers (`memory_limit`).
inline std::string tell(std::string_view message, std::string_view setting_sign = {},
                        char dash = '-') {
  const auto is_of_a_name = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  std::string told;
  bool is_command = false;
  bool is_name = false;
  for (const char c : message) {
    is_name = c == kSettingMark || (is_name && is_of_a_name(c));
    if (c == kCommandMark) {
      is_command = !is_command;
    } else if (is_command && setting_sign.empty()) {
      continue;
    } else if (c == kSettingMark) {
      told += setting_sign;
    } else {
      told += is_name && c == '-' ? dash : c;
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

  /// The text of what() with its marks: for tell(), or to become part of another message.
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
