"""What those who own the data do now, in the order that works: in all reports that are made for them."""

from divide_cli.validation.report import Report


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
            "Mend cells first. Delete or insert rows last, from the bottom of the file upwards: the numbers of all "
            "lines below a row that goes or comes move.",
            "Take the true figure from the survey's tables or the register; do not guess it. A plain slip (a decimal "
            "point lost, a sign too many) may be mended by what stands beside it; say so when you answer. Where the "
            "figure is not known, leave the cell empty, and say why in the file's column for comments or sources, "
            "else when you answer.",
        ]
    if warnings:
        made.append(
            "Compare each warning with the source. Mend the figure, or confirm it: tell whoever sent you this report "
            "which line is right as it stands, why, and who answers for it. Whoever checks the file can then accept "
            "it, until a day that is set."
        )
    made.append(
        "Send the file back to whoever sent you this report. It is checked again, and the next report "
        "lacks what was mended."
    )
    return made
