#pragma once

namespace billing::cli {

/// What holds for the whole process, once at its start: standard streams that are closed are
/// occupied, so that no file takes their place and using them is an error; SIGINT, SIGTERM and
/// SIGHUP ask the job to end in order (a second one ends the program at once); SIGBUS in an input
/// is handed to the library; a closed pipe or a file size limit becomes an error of the write; as
/// many files may be open as the system allows; jobs may have more threads than there are
/// processors.
void set_up_process();

/// Whether a signal asked the job to end.
bool interrupted();

}  // namespace billing::cli
