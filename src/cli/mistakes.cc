#include "cli/mistakes.h"

namespace billing::cli {

void Mistakes::report() const {
  if (mistakes_.empty()) return;
  std::string message;
  for (const std::string& mistake : mistakes_) {
    if (!message.empty()) message += '\n';
    message += mistake;
  }
  throw Error(ErrorKind::configuration, message);
}

}  // namespace billing::cli
