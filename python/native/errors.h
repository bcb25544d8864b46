#pragma once

// The library's errors as exceptions of Python.

#include <nanobind/nanobind.h>

#include <string>
#include <string_view>

#include "billing/error.h"

namespace billing::python {

/// A message of the library, with settings called as keyword arguments are.
std::string told(std::string_view message);

/// str of text whose bytes are UTF-8, or nearly.
nanobind::object str_of(std::string_view text);

/// An exception class of the package: `Error`.
nanobind::object exception_class(const char* name);

/// Sets Python's error, of the class that the kind has. `rejects` is that of a RejectsError.
void set_error(const Error& error, nanobind::handle rejects = nanobind::none());

/// Makes functions of the module raise the library's errors.
void register_errors();

}  // namespace billing::python
