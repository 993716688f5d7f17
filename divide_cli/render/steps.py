"""What those who own the data do now, in the order that works: in all reports that are made for them."""

from divide_cli.findings import Report


def unwaived(report: Report, severity: str) -> int:
    """Findings of a severity that nobody has accepted."""
    return sum(tally.count - tally.waived for tally in report.summary if tally.severity == severity)


def steps(report: Report, copy: bool = False) -> list[str]:
    """The steps, one sentence or a few each; none where there is nothing to do.

    `copy` says that the report holds a copy of the file, which is not to be sent back.
    """
    errors, warnings = unwaived(report, "error"), unwaived(report, "warning")
    if not (errors or warnings or report.unreadable):
        return []
    made = []
    if report.unreadable:
        made.append("Find out why a file could not be read: the reason stands below. Nothing in it was checked yet.")
    if errors or warnings:
        where = "your own file, not this copy, whose cells are all texts" if copy else "your own file"
        made.append(f"Mend {where}. Each finding says which line and which column are meant.")
    if errors:
        made.append("Begin with the errors: one of them is often the cause of a warning.")
    if errors or warnings:
        made += [
            "Work from the bottom of the file upwards, and delete or insert rows last: the numbers of all lines below "
            "a row that goes or comes move.",
            "Take the true figure from the survey's tables or the register; do not guess it. Where it is not known, "
            "leave the cell empty, and say why in the column for comments if the file has one, else when you answer.",
        ]
    if warnings:
        made.append(
            "Compare each warning with the source. Mend the figure, or confirm it: tell whoever sent you this report "
            "which line is right as it stands, and why. Whoever checks the file can then accept it (a waiver), with "
            "the reason, the name of who answers for it, and the last day on which that holds."
        )
    made.append("Send the file back to whoever sent you this report. It is checked again: what was mended is gone.")
    return made
