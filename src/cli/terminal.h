#pragma once

#include <cstddef>
#include <optional>

namespace billing::cli {

/// Columns of the terminal that messages go to; none where standard error is no terminal.
std::optional<std::size_t> message_columns();

/// Columns of a bad record that fit into a message (JobHooks::record_columns).
std::size_t record_columns();

}  // namespace billing::cli
