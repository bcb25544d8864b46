#include "bus_errors.h"

#include <csignal>
#include <mutex>

#include "billing/lost_pages.h"

namespace billing::python {
namespace {

std::mutex g_mutex;
int g_guards = 0;
struct sigaction g_before {};  // what was there before the first guard

void on_bus_error(int signal_number, siginfo_t* info, void* context) {
  const bool is_fault = info->si_code > 0;  // else somebody sent it
  if (is_fault && patch_lost_page(info->si_addr)) return;
  if ((g_before.sa_flags & SA_SIGINFO) != 0)
    return g_before.sa_sigaction(signal_number, info, context);
  if (g_before.sa_handler != SIG_DFL && g_before.sa_handler != SIG_IGN)
    return g_before.sa_handler(signal_number);
  signal(signal_number, SIG_DFL);
  if (!is_fault) raise(signal_number);  // a load happens again by itself
}

}  // namespace

BusErrorGuard::BusErrorGuard() {
  const std::lock_guard lock(g_mutex);
  if (g_guards++ > 0) return;
  struct sigaction ours {};
  ours.sa_sigaction = on_bus_error;
  ours.sa_flags = SA_SIGINFO;
  sigaction(SIGBUS, &ours, &g_before);
}

BusErrorGuard::~BusErrorGuard() {
  const std::lock_guard lock(g_mutex);
  if (--g_guards == 0) sigaction(SIGBUS, &g_before, nullptr);
}

}  // namespace billing::python
