"""The images of a launch from the marks that they left, and what is said of the data of each: tables, nothing is run."""

import pytest
from coverage import CoverageData

from harness.cell.measured_images import Image, images, losses
from harness.cell.server_launch import Launch, overall

SERVER = 7


def write(folder, number, pid, *marks, data=False):
    """An image as harness/guest/measured.py leaves it."""
    image = folder / f"image-{number}"
    image.mkdir(parents=True)
    (image / "marks").write_text("\n".join([f"began {pid}", *marks, ""]))
    if data:
        store = CoverageData(basename=str(image / f"data.host.{pid}.123456"))
        store.add_lines({"/x.py": [1]})
        store.write()
        store.close()


def test_images_stand_in_the_order_in_which_they_began(tmp_path):
    for number in (10, 2, 1, 9):
        write(tmp_path, number, number)
    assert [image.number for image in images(tmp_path)] == [1, 2, 9, 10]


@pytest.mark.parametrize(("marks", "saved", "replaced"), [
    ((), False, False), (("saved",), True, False), (("exec",), False, True), (("saved", "exec"), True, True),
    (("exec", "stayed"), False, False), (("saved", "exec", "stayed"), False, False),
    (("exec", "stayed", "saved"), True, False), (("exec", "stayed", "saved", "exec"), True, True),
])
def test_what_the_marks_of_an_image_say(tmp_path, marks, saved, replaced):
    write(tmp_path, 1, SERVER, *marks)
    (image,) = images(tmp_path)
    assert (image.pid, image.saved, image.replaced) == (SERVER, saved, replaced)


def test_an_image_s_data_are_those_that_its_own_process_wrote(tmp_path):
    write(tmp_path, 1, SERVER, "saved")
    for name in ("data.host.7.123456", "data.host.77.123456", "data.host.pid7.Xabcx.Habch", "data.host.7.123456-journal"):
        (tmp_path / "image-1" / name).touch()
    assert [file.name for file in images(tmp_path)[0].files] == ["data.host.7.123456", "data.host.pid7.Xabcx.Habch"]


def image(number=1, pid=SERVER, saved=False, replaced=False):
    return Image(number, pid, saved, replaced, ())


@pytest.mark.parametrize(("found", "exit_code", "expected"), [
    ([], 0, [("broken", "it exited with 0 before measurement began")]),
    ([], -15, [("lost", "a signal ended it before measurement began")]),
    ([], None, [("lost", "a signal ended it before measurement began")]),
    ([image()], 0, [("broken", "image 1 of 1 exited on its own without saving data")]),
    ([image()], -9, [("lost", "a signal ended image 1 of 1 before its data were saved")]),
    ([image(replaced=True)], 0, [("lost", "image 1 of 1 was replaced by exec before its data were saved")]),
    ([image(saved=True)], 0, [("broken", "the data of image 1 of 1 cannot be read: the file is gone")]),
    ([image(saved=True)], -9, [("lost", "the data of image 1 of 1 cannot be read: the file is gone")]),
    ([image(), image(2, 8)], 0, [("broken", "image 1 of 2 exited on its own without saving data"),
                                 ("lost", "image 2 of 2, a separate process, ended before its data were saved")]),
    ([image(), image(2)], 0, [("lost", "image 1 of 2 was replaced by exec before its data were saved"),
                              ("broken", "image 2 of 2 exited on its own without saving data")]),
    ([image(1, 8), image(2, 8), image(3)], -9, [
        ("lost", "image 1 of 3 was replaced by exec before its data were saved"),
        ("lost", "image 2 of 3, a separate process, ended before its data were saved"),
        ("lost", "a signal ended image 3 of 3 before its data were saved")]),
])
def test_what_each_image_lost(found, exit_code, expected):
    assert losses(found, SERVER, exit_code) == expected


@pytest.mark.parametrize(("marks", "expected"), [
    (("saved",), []), (("saved", "exec"), [("lost", "the image that replaced image 1 of 1 was not measured")])])
def test_data_that_are_there_are_no_loss(tmp_path, marks, expected):
    write(tmp_path, 1, SERVER, *marks, data=True)
    assert losses(images(tmp_path), SERVER, 0) == expected


class Ended:
    """A server that has ended."""

    pid = SERVER

    def __init__(self, code):
        self.exit = code


GOOD, KILLED, GONE = ((("saved",), 0), ((), -9), ((), 0))
LOST, BROKEN = "({n}): a signal ended image 1 of 1 before its data were saved", "({n}): image 1 of 1 exited on its own without saving data"


@pytest.mark.parametrize(("launches", "state", "says"), [
    ([GOOD], "data", []), ([GOOD, GOOD, GOOD], "data", []),
    ([KILLED, GOOD, GOOD], "lost", [(1, LOST)]), ([GOOD, KILLED, GOOD], "lost", [(2, LOST)]), ([GOOD, GOOD, KILLED], "lost", [(3, LOST)]),
    ([KILLED, GOOD, KILLED], "lost", [(1, LOST), (3, LOST)]), ([GONE, KILLED], "broken", [(1, BROKEN), (2, LOST)]),
    ([KILLED, GONE, GOOD], "broken", [(1, LOST), (2, BROKEN)]),
    ([None], "off", []), ([None, GOOD], "data", []), ([GOOD, None], "data", []), ([KILLED, None], "lost", [(1, LOST)]),
])
def test_a_cell_with_several_launches_is_as_the_worst_of_them_and_names_each(tmp_path, launches, state, says):
    made = []
    for number, launch in enumerate(launches, 1):
        folder = tmp_path / f"coverage-{number}" if launch else None
        if launch:
            write(folder, 1, SERVER, *launch[0], data=bool(launch[0]))
        made.append(Launch(number, "main", folder, "c", "" if launch else "not this one", Ended(launch[1]) if launch else None))
    found, note = overall(made)
    assert found == state
    expected = "; ".join(f"launch {number} " + said.format(n="main") for number, said in says)
    assert note == (expected or ("not measured: not this one" if state == "off" else ""))
