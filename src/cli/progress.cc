#include "cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

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

  const double seconds = std::chrono::duration<double>(now - start_).count();
  const auto read_bytes = static_cast<double>(progress.read_bytes);
  std::string line = fmt::format("{}read {:.2f} GB, {:.2f} GB/s", kWipe, read_bytes / 1e9,
                                 read_bytes / 1e9 / seconds);
  if (progress.total_bytes > 0 && progress.read_bytes > 0) {
    const auto total_bytes = static_cast<double>(progress.total_bytes);
    line += fmt::format(", {:.0f} %, {:.0f} s left", 100 * read_bytes / total_bytes,
                        seconds * (total_bytes - read_bytes) / read_bytes);
  }
  visible_ = true;
  std::fputs(line.c_str(), stderr);
  std::fflush(stderr);
}

}  // namespace billing::cli
