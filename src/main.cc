// The program: parse, run, one catch, exit code.

#include <spdlog/spdlog.h>

#include <exception>
#include <new>

#include "billing/error.h"
#include "cli/command.h"
#include "cli/log.h"
#include "cli/process.h"

int main(int argc, char** argv) {
  billing::cli::set_up_process();
  try {
    return billing::cli::run_program(argc, argv);
  } catch (const billing::ClosedPipe&) {
    return 0;  // whoever read the result has had enough of it
  } catch (const billing::Error& error) {
    spdlog::error("{}", billing::tell(error.message(), billing::cli::kOptionSign));
    return error.exit_code();
  } catch (const std::bad_alloc&) {
    spdlog::error("out of memory");
  } catch (const std::exception& error) {
    spdlog::error("{}", error.what());
  }
  return static_cast<int>(billing::ErrorKind::run);
}
