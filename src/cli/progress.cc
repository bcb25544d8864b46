#include "cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "cli/terminal.h"

namespace billing::cli {
namespace {

constexpr std::chrono::milliseconds kFirstAfter{1000};
constexpr std::chrono::milliseconds kInterval{200};
constexpr const char* kWipe = "\r\x1b[K";

}  // namespace

ProgressLine::ProgressLine(bool wanted)
    : shown_on_terminal_(wanted && isatty(STDERR_FILENO)),
      next_show_((Clock::now() + kFirstAfter).time_since_epoch().count()),
      turn_start_(Clock::now()) {}

void ProgressLine::wipe() {
  if (visible_.exchange(false)) std::fputs(kWipe, stderr);
}

void ProgressLine::show(const Progress& progress) {
  if (!shown_on_terminal_) return;
  const Clock::time_point now = Clock::now();
  Clock::rep due = next_show_.load();
  const Clock::rep next = (now + kInterval).time_since_epoch().count();
  // One thread wins the right to print.
  if (now.time_since_epoch().count() < due || !next_show_.compare_exchange_strong(due, next))
    return;
  const std::lock_guard lock(mutex_);
  const std::string line = describe(progress, now);
  const std::size_t columns = message_columns().value_or(line.size() + 1);
  visible_ = true;
  fmt::print(stderr, "{}{}", kWipe, line.substr(0, columns - 1));
  std::fflush(stderr);
}

/// Speed and time left are those of this turn of the pass: in between, other passes had theirs.
std::string ProgressLine::describe(const Progress& progress, Clock::time_point now) {
  if (pass_ != progress.pass) {
    const bool is_first = pass_.empty();
    pass_ = progress.pass;
    done_before_ = is_first ? 0 : progress.done;
    if (!is_first) turn_start_ = now;
  }
  std::string line = pass_;
  const auto done = static_cast<double>(progress.done);
  const auto total = static_cast<double>(progress.total);
  if (progress.total > 0) line += fmt::format(" {:.0f} %", 100 * done / total);
  if (pass_ != "reading") return line;
  const double seconds = std::chrono::duration<double>(now - turn_start_).count();
  const auto done_now = static_cast<double>(progress.done - done_before_);
  line += fmt::format(", {:.2f} GB, {:.2f} GB/s", done / 1e9, done_now / 1e9 / seconds);
  if (progress.total > 0 && progress.done > done_before_) {
    line += fmt::format(", {:.0f} s left", seconds * (total - done) / done_now);
  }
  return line;
}

}  // namespace billing::cli
