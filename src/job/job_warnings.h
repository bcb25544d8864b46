#pragma once

// What a bill may lack without any record being rejected.

#include <string>
#include <vector>

#include "billing/aggregate.h"
#include "billing/control_totals.h"
#include "billing/task_names.h"
#include "job/input_formats.h"

namespace billing {

/// Inputs that hold nothing, and measures that no record has.
void warn_of_nothing(const JobReport& report, const JobHooks& hooks);

/// A task field that no record has. `tasks` are all that there are.
void warn_of_no_tasks(const AggregateJob& job, const TaskNames& tasks, const JobHooks& hooks);

/// Inputs, by place, whose lines are all of a stream that is not read.
void warn_of_streams(const InputFormats& formats, const std::vector<std::string>& names,
                     const std::vector<InputTotals>& totals, const JobHooks& hooks);

}  // namespace billing
