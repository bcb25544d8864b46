#include "errors.h"

#include <exception>

namespace nb = nanobind;

namespace billing::python {

std::string told(std::string_view message) {
  std::string text = tell(message, "", '_');
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

nb::object str_of(std::string_view text) {
  PyObject* const decoded =
      PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "backslashreplace");
  if (decoded == nullptr) throw nb::python_error();
  return nb::steal(decoded);
}

nb::object exception_class(const char* name) {
  return nb::module_::import_("billing._exceptions").attr(name);
}

void set_error(const Error& error, nb::handle rejects) {
  const nb::object message = str_of(told(error.message()));
  switch (error.kind()) {
    case ErrorKind::interrupted:
      return PyErr_SetNone(PyExc_KeyboardInterrupt);
    case ErrorKind::configuration:
      return PyErr_SetObject(exception_class("ConfigurationError").ptr(), message.ptr());
    case ErrorKind::rejects: {
      const nb::object type = exception_class("RejectsError");
      const nb::object exception = type(message, rejects);
      return PyErr_SetObject(type.ptr(), exception.ptr());
    }
    case ErrorKind::run:
      return PyErr_SetObject(exception_class("Error").ptr(), message.ptr());
  }
}

void register_errors() {
  nb::register_exception_translator([](const std::exception_ptr& thrown, void*) {
    try {
      std::rethrow_exception(thrown);
    } catch (const Error& error) {
      set_error(error);
    } catch (const ClosedPipe& error) {
      PyErr_SetString(PyExc_BrokenPipeError, error.what());
    }
  });
}

}  // namespace billing::python
