#pragma once

// Names of tasks that no record holds as they are: with a measure's behind them, and shortened.

#include <span>
#include <string_view>

#include "billing/record_format.h"
#include "mapping/batch_text.h"

namespace billing {

/// A task that is too long for a name: its beginning, cut at a character's border, and a hash of
/// all of it, so that two tasks stay two.
std::string_view shortened_task(std::string_view task, BatchText& texts);

/// The task of a measure, shortened where it is too long. `suffix` is `.NAME`.
std::string_view measured_task(std::string_view task, std::string_view suffix, BatchText& texts);

/// Throws Error(configuration) where there are too many, or a name cannot be part of a task's or
/// comes twice.
void check_measures(std::span<const Measure> measures);

}  // namespace billing
