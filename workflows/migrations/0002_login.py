from django.db import migrations, models

import pools.credentials


class Migration(migrations.Migration):
    dependencies = [("workflows", "0001_runs")]

    operations = [
        migrations.CreateModel(
            name="Login",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("user", pools.credentials.EncryptedTextField()),
                ("password", pools.credentials.EncryptedTextField()),
                (
                    "run",
                    models.OneToOneField(
                        on_delete=models.deletion.CASCADE, related_name="login", to="workflows.run"
                    ),
                ),
            ],
        ),
    ]
