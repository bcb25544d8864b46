#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace billing::cli {

/// Help text that keeps to the width of a terminal.
class HelpFormat : public CLI::Formatter {
 public:
  std::string make_option_desc(const CLI::Option* option) const override;
};

}  // namespace billing::cli
