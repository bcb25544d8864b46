#include "cli/process.h"

#include <fcntl.h>
#include <oneapi/tbb/global_control.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <initializer_list>

#include "billing/lost_pages.h"
#include "options/numbers.h"

namespace billing::cli {
namespace {

std::atomic<bool> g_interrupted = false;
static_assert(std::atomic<bool>::is_always_lock_free);

void on_interrupt(int) { g_interrupted = true; }

void on_bus_error(int signal_number, siginfo_t* info, void*) {
  const bool is_fault = info->si_code > 0;  // else somebody sent it
  if (is_fault && patch_lost_page(info->si_addr)) return;
  signal(signal_number, SIG_DFL);
  if (!is_fault) raise(signal_number);  // a load that is not ours happens again by itself
}

/// Opened the wrong way round: reading, or writing, fails.
void occupy_closed_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(stream, F_GETFD) != -1) continue;
    open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);  // takes the lowest number
  }
}

void allow_many_files() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

/// As --threads says. oneTBB's own limit is the number of processors.
void allow_many_threads() {
  static const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, kMaxThreads);
}

}  // namespace

void set_up_process() {
  occupy_closed_streams();
  allow_many_files();
  allow_many_threads();
  struct sigaction interrupt {};
  interrupt.sa_handler = on_interrupt;
  interrupt.sa_flags = static_cast<int>(SA_RESETHAND);  // and no SA_RESTART: a blocked read returns
  for (const int signal_number : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction inherited {};
    sigaction(signal_number, nullptr, &inherited);
    if (inherited.sa_handler != SIG_IGN) sigaction(signal_number, &interrupt, nullptr);  // nohup
  }
  struct sigaction bus_error {};
  bus_error.sa_sigaction = on_bus_error;
  bus_error.sa_flags = SA_SIGINFO;
  sigaction(SIGBUS, &bus_error, nullptr);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);
}

bool interrupted() { return g_interrupted; }

}  // namespace billing::cli
