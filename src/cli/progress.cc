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
      next_show_((start_ + kFirstAfter).time_since_epoch().count()) {}

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
  const std::string line = describe(progress, now);
  const std::size_t columns = message_columns().value_or(line.size() + 1);
  visible_ = true;
  fmt::print(stderr, "{}{}", kWipe, line.substr(0, columns - 1));
  std::fflush(stderr);
}

/// Speed and time left are those of the run: what is read in turns with other passes waits for
/// them.
std::string ProgressLine::describe(const Progress& progress, Clock::time_point now) const {
  std::string line(progress.pass);
  const auto done = static_cast<double>(progress.done);
  const auto total = static_cast<double>(progress.total);
  if (progress.total > 0) line += fmt::format(" {:.0f} %", 100 * done / total);
  if (progress.pass != "reading") return line;
  const double seconds = std::chrono::duration<double>(now - start_).count();
  line += fmt::format(", {:.2f} GB, {:.2f} GB/s", done / 1e9, done / 1e9 / seconds);
  if (progress.total > 0 && progress.done > 0) {
    line += fmt::format(", {:.0f} s left", seconds * (total - done) / done);
  }
  return line;
}

}  // namespace billing::cli
